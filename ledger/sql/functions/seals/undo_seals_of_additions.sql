-- Moves to undone_seals what was sealed of an import's additions: the runs of entries after it began, and those of the rows p_sound,
-- sound until now, that the undo removed. What did not match its seal before stays a finding. The additions themselves go with them.
CREATE OR REPLACE FUNCTION undo_seals_of_additions(p_import_id uuid, p_sound jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    WITH gone AS (
        DELETE FROM public.entry_seals s USING public.import_additions a
        WHERE a.import_id = p_import_id AND s.workspace_id = a.workspace_id AND s.first_entry_no > a.from_no RETURNING s.*
    )
    INSERT INTO public.undone_seals (import_id, chain, subject, version, digest, root_no)
    SELECT p_import_id, 'entries', concat(g.workspace_id, '|', g.first_entry_no), g.last_entry_no, g.digest, g.root_no FROM gone g;
    WITH gone AS (
        DELETE FROM public.sealed_rows s USING jsonb_to_recordset(p_sound) AS k (chain text, subject text, version bigint)
        WHERE s.chain = k.chain AND s.subject = k.subject AND s.version = k.version
          AND (s.chain = 'import_additions' AND split_part(s.subject, '/', 2) = p_import_id::text OR NOT EXISTS (
                SELECT 1 FROM public.sealed_facts f
                WHERE f.chain = s.chain AND f.subject = s.subject AND f.version = s.version AND f.digest = s.digest))
        RETURNING s.*
    )
    INSERT INTO public.undone_seals (import_id, chain, subject, version, digest, root_no)
    SELECT p_import_id, g.chain, g.subject, g.version, g.digest, g.root_no FROM gone g;
END $$;
