-- Writes an event for the endpoints that want its type, in the transaction of its cause; nothing when none does, and nothing
-- about the past: an import sets ledger.books_the_past. It goes out at once: a cause that lies ahead, or a clock that was
-- wrong, holds back neither this event nor those behind it.
CREATE OR REPLACE FUNCTION emit_event(p_workspace_id text, p_type text, p_at timestamptz, p_data jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    wanted uuid[] := ARRAY(SELECT w.endpoint_id FROM webhook_endpoints w
                           WHERE w.deleted_at IS NULL AND p_type = ANY (w.events)
                                 AND (w.approval_id IS NULL OR w.approved_by IS NOT NULL));
    new_no bigint;
BEGIN
    IF cardinality(wanted) = 0 OR current_setting('ledger.books_the_past', true) = 'on' THEN
        RETURN;
    END IF;
    INSERT INTO outgoing_events (workspace_id, type, at, data) VALUES (p_workspace_id, p_type, p_at, p_data) RETURNING event_no INTO new_no;
    INSERT INTO event_deliveries (workspace_id, event_no, endpoint_id, next_attempt_at)
    SELECT p_workspace_id, new_no, w.endpoint_id, least(p_at, clock_timestamp()) FROM unnest(wanted) AS w (endpoint_id);
END $$;
