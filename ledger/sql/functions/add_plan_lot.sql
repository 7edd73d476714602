-- Credits plan minutes: the lot of one allocation or reset. `wm` is the locked row, already carrying plan, cycle and reset date.
CREATE OR REPLACE FUNCTION add_plan_lot(
    wm workspace_minutes, p_entry_kind entry_kind, p_minutes bigint, p_period_start timestamptz,
    p_key text, p_at timestamptz, p_actor text, p_reference text
) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
BEGIN
    wm.lot_count := wm.lot_count + 1;
    wm.minutes_total := p_minutes;
    INSERT INTO stored_lots (workspace_id, lot_id, entry_no, kind, minutes, acquired_at, turn, period_start, reset_date)
    VALUES (wm.workspace_id, wm.lot_count, wm.entry_no + 1, 'plan', p_minutes, p_at, lot_turn('plan', p_at), p_period_start, wm.minutes_reset_date);
    RETURN append_entry(wm, p_entry_kind, p_minutes, 0, 'credit', wm.lot_count, p_key, p_at, p_actor, NULL, p_reference);
END $$;
