-- Refuses to take back what an import added to workspaces while something newer stands on it: a later import, an entry (monthly
-- resets aside), or a row that has changed since. Says which workspace, and what.
CREATE OR REPLACE FUNCTION refuse_undo(p_import_id uuid, p_workspace_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_newer text;
BEGIN
    SELECT format('%s has rows of import %s', later.workspace_id, later.import_id) INTO v_newer
    FROM public.import_additions later
    LEFT JOIN public.import_additions a ON a.workspace_id = later.workspace_id AND a.import_id = p_import_id
    WHERE later.workspace_id = ANY(p_workspace_ids) AND later.import_id <> p_import_id AND later.recorded_at > coalesce(a.recorded_at, '-infinity')
    ORDER BY later.recorded_at DESC LIMIT 1;
    IF v_newer IS NULL THEN
        SELECT format('%s has entry %s', e.workspace_id, e.entry_no) INTO v_newer
        FROM public.import_additions a
        JOIN public.entries e ON e.workspace_id = a.workspace_id AND e.entry_no > a.to_no AND e.kind <> 'reset'
        WHERE a.import_id = p_import_id LIMIT 1;
    END IF;
    IF v_newer IS NULL AND EXISTS (SELECT 1 FROM public.import_changes c WHERE c.import_id = p_import_id) THEN
        SELECT format('%s has a change in %s', c.workspace_id, c.table_name) INTO v_newer
        FROM public.import_changes c
        LEFT JOIN public.row_images(p_workspace_ids) r ON r.workspace_id = c.workspace_id AND r.table_name = c.table_name AND r.id = c.id
        WHERE c.import_id = p_import_id AND public.digest_of_row(c.table_name, r.image) IS DISTINCT FROM c.digest_after
        ORDER BY c.workspace_id, c.table_name LIMIT 1;
    END IF;
    IF v_newer IS NOT NULL THEN
        RAISE SQLSTATE 'LG410' USING MESSAGE = 'newer entries depend on this import', DETAIL = v_newer;
    END IF;
END $$;
