-- Seals of rows of these workspaces that are what was sealed, by chain, subject and version.
-- Waits for a sealing that runs, so that none is missed.
CREATE OR REPLACE FUNCTION sound_seals(p_workspace_ids text[]) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7205759403795);
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('chain', s.chain, 'subject', s.subject, 'version', s.version)), '[]')
        FROM public.sealed_rows s
        JOIN public.sealed_facts f ON f.chain = s.chain AND f.subject = s.subject AND f.version = s.version AND f.digest = s.digest
        WHERE public.is_of_workspace(s.chain) AND split_part(s.subject, '/', 1) = ANY(p_workspace_ids));
END $$;
