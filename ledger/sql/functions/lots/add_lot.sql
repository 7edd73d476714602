-- Credits minutes: one lot and the entry that books it. The workspace row is locked first; overdue periods are booked first.
-- Returns the number of the new lot.
CREATE OR REPLACE FUNCTION add_lot(
    p_workspace_id text, p_kind lot_kind, p_minutes bigint, p_purchase_id uuid,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
BEGIN
    IF p_minutes NOT BETWEEN 1 AND 1000000 THEN
        RAISE SQLSTATE 'LG422' USING MESSAGE = 'minutes are 1 to 1,000,000', DETAIL = p_minutes::text;
    END IF;
    workspace := book_due_periods(workspace, p_at);
    workspace.lot_count := workspace.lot_count + 1;
    INSERT INTO stored_lots (workspace_id, lot_id, entry_no, kind, minutes, acquired_at, burn_order, purchase_id)
    VALUES (p_workspace_id, workspace.lot_count, workspace.entry_no + 1, p_kind, p_minutes, p_at, burn_order(p_kind, p_at, NULL), p_purchase_id);
    workspace := append_entry(workspace, p_kind::text::entry_kind, 0, p_minutes, 'credit', workspace.lot_count, p_key, p_at, p_actor, p_reason, p_reference);
    RETURN workspace.lot_count;
END $$;
