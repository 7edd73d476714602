-- The idempotency mark of an imported write, as the write itself would have left it.
CREATE OR REPLACE FUNCTION mark_past_write(p_workspace_id text, p_operation text, p_key text, p_lot_id bigint, p_body jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO idempotency_keys (workspace_id, operation, key, body, entry_no, lot_id)
    SELECT p_workspace_id, p_operation, p_key, p_body, w.entry_no, p_lot_id FROM workspace_minutes w WHERE w.workspace_id = p_workspace_id;
END $$;
