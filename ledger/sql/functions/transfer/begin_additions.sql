-- Before an import adds rows to workspaces that are here already: locks them, and keeps their rows as they are.
-- Runs as the owner: the application can't say by itself what an undo would restore.
CREATE OR REPLACE FUNCTION begin_additions(p_import_id uuid, p_workspace_ids text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM public.lock_with_payments(p_workspace_ids);
    INSERT INTO public.import_additions (workspace_id, import_id, from_no, transaction_id)
    SELECT w.workspace_id, p_import_id, w.entry_no, pg_current_xact_id() FROM public.workspace_minutes w WHERE w.workspace_id = ANY(p_workspace_ids);
    INSERT INTO public.import_before (workspace_id, table_name, id, image)
    SELECT r.workspace_id, r.table_name, r.id, r.image FROM public.row_images(p_workspace_ids) r;
END $$;

-- grants
REVOKE EXECUTE ON FUNCTION begin_additions(uuid, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_additions(uuid, text[]) TO ledger_app;
