-- Credits plan minutes: the lot of one allocation or reset. `workspace` is the locked row, already carrying plan, cycle and reset date.
-- p_arrears: minutes for a time before the plan in force, which keeps its reset date.
CREATE OR REPLACE FUNCTION add_plan_lot(
    workspace workspace_minutes, p_entry_kind entry_kind, p_minutes bigint, p_period_start timestamptz, p_arrears boolean,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
BEGIN
    workspace.lot_count := workspace.lot_count + 1;
    INSERT INTO stored_lots (workspace_id, lot_id, entry_no, kind, minutes, acquired_at, burn_order, period_start, reset_date, arrears)
    VALUES (workspace.workspace_id, workspace.lot_count, workspace.entry_no + 1, 'plan', p_minutes, p_at, burn_order('plan', p_at, NULL), p_period_start,
            CASE WHEN NOT p_arrears THEN workspace.minutes_reset_date END, p_arrears);
    RETURN append_entry(workspace, p_entry_kind, p_minutes, 0, 'credit', workspace.lot_count, p_key, p_at, p_actor, p_reason, p_reference);
END $$;
