-- Gives minutes back to the lot they were taken from (refund failed, dispute won). Opens no epoch: the gauge_base rises with them.
CREATE OR REPLACE FUNCTION give_back(
    p_workspace_id text, p_lot_id bigint, p_minutes bigint,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
    lot lots;
BEGIN
    IF p_minutes NOT BETWEEN 1 AND 1000000 THEN
        RAISE SQLSTATE 'LG422' USING MESSAGE = 'minutes are 1 to 1,000,000', DETAIL = p_minutes::text;
    END IF;
    workspace := book_due_periods(workspace, p_at);
    SELECT * INTO lot FROM lots l WHERE l.workspace_id = p_workspace_id AND l.lot_id = p_lot_id;
    IF NOT FOUND THEN
        RAISE SQLSTATE 'LG405' USING MESSAGE = 'unknown lot', DETAIL = p_lot_id::text;
    END IF;
    IF p_minutes > lot.voided THEN
        RAISE SQLSTATE 'LG402' USING MESSAGE = 'less was taken', DETAIL = format('%s to give back, %s taken from the lot', p_minutes, lot.voided);
    END IF;
    UPDATE stored_lots l SET voided = l.voided - p_minutes WHERE l.workspace_id = p_workspace_id AND l.lot_id = p_lot_id;
    workspace := append_entry(workspace, 'restore', CASE lot.kind WHEN 'plan' THEN p_minutes ELSE 0 END, CASE lot.kind WHEN 'plan' THEN 0 ELSE p_minutes END,
                       'move', p_lot_id, p_key, p_at, p_actor, p_reason, p_reference);
    RETURN workspace.entry_no;
END $$;
