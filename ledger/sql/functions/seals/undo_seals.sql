-- Moves the seals of workspaces that an undo removes to undone_seals, where the roots find them.
-- Waits for a sealing that runs, so that none is missed.
CREATE OR REPLACE FUNCTION undo_seals(p_import_id uuid, p_workspace_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7205759403795);
    WITH gone AS (
        DELETE FROM public.entry_seals s WHERE s.workspace_id = ANY(p_workspace_ids) RETURNING s.*
    )
    INSERT INTO public.undone_seals (import_id, chain, subject, version, digest, root_no)
    SELECT p_import_id, 'entries', concat(g.workspace_id, '|', g.first_entry_no), g.last_entry_no, g.digest, g.root_no FROM gone g;
    WITH gone AS (
        DELETE FROM public.sealed_rows s
        WHERE public.is_of_workspace(s.chain)
          AND split_part(s.subject, '/', 1) = ANY(p_workspace_ids)
        RETURNING s.*
    )
    INSERT INTO public.undone_seals (import_id, chain, subject, version, digest, root_no)
    SELECT p_import_id, g.chain, g.subject, g.version, g.digest, g.root_no FROM gone g;
END $$;
