-- Shows the plan of the highest living subscription, where no lot has brought it: an upgrade by proration, a higher
-- subscription that has ended, periods before billing began. Moves no minutes. Returns whether anything changed.
CREATE OR REPLACE FUNCTION follow_stripe_plan(
    p_workspace_id text, p_plan text, p_billing_cycle text, p_allocation bigint, p_period_start timestamptz,
    p_period_end timestamptz, p_at timestamptz
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
    reset_date timestamptz := CASE p_billing_cycle WHEN 'monthly' THEN p_period_end END;
BEGIN
    IF (workspace.plan, workspace.billing_cycle, workspace.managed_by, workspace.minutes_total, workspace.minutes_reset_date)
        IS NOT DISTINCT FROM (p_plan, p_billing_cycle, 'stripe', p_allocation, reset_date) THEN
        RETURN false;
    END IF;
    workspace := book_due_periods(workspace, p_at);
    workspace := lead_plan(workspace, p_plan, p_billing_cycle, p_allocation, p_period_start, p_period_end, (
        SELECT l.acquired_at FROM lots l
        WHERE l.workspace_id = p_workspace_id AND l.kind = 'plan' AND NOT l.arrears AND l.period_start IS NULL
        ORDER BY l.lot_id DESC LIMIT 1), p_at);
    UPDATE workspace_minutes w
    SET plan = workspace.plan, billing_cycle = workspace.billing_cycle, managed_by = workspace.managed_by, anchor_at = workspace.anchor_at,
        minutes_total = workspace.minutes_total, minutes_reset_date = workspace.minutes_reset_date, subscription_no = workspace.subscription_no
    WHERE w.workspace_id = p_workspace_id;
    RETURN true;
END $$;
