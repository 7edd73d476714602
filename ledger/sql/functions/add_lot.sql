-- Credits minutes: one lot and the entry that books it. The workspace row is locked first; overdue periods are booked first.
-- Returns the number of the new lot.
CREATE OR REPLACE FUNCTION add_lot(
    p_workspace_id text, p_kind lot_kind, p_minutes bigint, p_purchase_id uuid,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    wm workspace_minutes := lock_workspace(p_workspace_id);
BEGIN
    IF p_minutes NOT BETWEEN 1 AND 1000000 THEN
        RAISE SQLSTATE 'LG422' USING MESSAGE = 'minutes are 1 to 1,000,000', DETAIL = p_minutes::text;
    END IF;
    wm := book_due_periods(wm, p_at);
    wm.lot_count := wm.lot_count + 1;
    INSERT INTO stored_lots (workspace_id, lot_id, entry_no, kind, minutes, acquired_at, turn, purchase_id)
    VALUES (p_workspace_id, wm.lot_count, wm.entry_no + 1, p_kind, p_minutes, p_at, lot_turn(p_kind, p_at), p_purchase_id);
    wm := append_entry(wm, p_kind::text::entry_kind, 0, p_minutes, 'credit', wm.lot_count, p_key, p_at, p_actor, p_reason, p_reference);
    RETURN wm.lot_count;
END $$;
