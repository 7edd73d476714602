-- Takes the links to receipts of an erased workspace out of the rows that undoing an import would restore. Returns how many there were.
CREATE OR REPLACE FUNCTION forget_receipts(p_workspace_id text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_rows bigint;
BEGIN
    UPDATE public.import_changes SET before = jsonb_set(before, '{receipt_url}', 'null')
    WHERE workspace_id = p_workspace_id AND before ->> 'receipt_url' IS NOT NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END $$;

-- grants
REVOKE EXECUTE ON FUNCTION forget_receipts(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_receipts(text) TO ledger_app;
