-- After an import added rows to workspaces: keeps what it changed. Only for what began in this transaction, so that nothing that
-- others booked is ever taken for a part of the import. Open lots are stored even if unchanged: a monthly reset writes to them what their
-- workspace held.
CREATE OR REPLACE FUNCTION end_additions(p_import_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    v_ids text[] := ARRAY(SELECT a.workspace_id FROM public.import_additions a
                          WHERE a.import_id = p_import_id AND a.transaction_id = pg_current_xact_id());
BEGIN
    INSERT INTO public.import_changes (workspace_id, import_id, table_name, id, before, digest_after)
    SELECT r.workspace_id, p_import_id, r.table_name, r.id, b.image, public.digest_of_row(r.table_name, r.image)
    FROM public.row_images(v_ids) r
    LEFT JOIN public.import_before b ON b.workspace_id = r.workspace_id AND b.table_name = r.table_name AND b.id = r.id
    WHERE b.image IS DISTINCT FROM r.image OR (r.table_name = 'stored_lots' AND (b.image ->> 'open')::boolean);
    UPDATE public.import_additions a SET to_no = w.entry_no, transaction_id = NULL
    FROM public.workspace_minutes w
    WHERE a.import_id = p_import_id AND a.workspace_id = ANY(v_ids) AND w.workspace_id = a.workspace_id;
    DELETE FROM public.import_before b WHERE b.workspace_id = ANY(v_ids);
END $$;

-- grants
REVOKE EXECUTE ON FUNCTION end_additions(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION end_additions(uuid) TO ledger_app;
