-- Makes a plan that Stripe bills the one in force: a new subscription row when plan or cycle differ, else the running one goes on.
-- The reset date is the end of the paid period, and null for an annual plan. The caller stores the row.
CREATE OR REPLACE FUNCTION lead_plan(
    workspace workspace_minutes, p_plan text, p_billing_cycle text, p_allocation bigint, p_period_start timestamptz,
    p_period_end timestamptz, p_anchor_at timestamptz, p_at timestamptz
) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
BEGIN
    IF (workspace.plan, workspace.billing_cycle, workspace.managed_by) IS DISTINCT FROM (p_plan, p_billing_cycle, 'stripe') THEN
        workspace := end_subscription(workspace, p_at);
        workspace.subscription_no := 1 + coalesce(
            (SELECT max(s.subscription_no) FROM subscriptions s WHERE s.workspace_id = workspace.workspace_id), 0);
        INSERT INTO subscriptions (workspace_id, subscription_no, plan, billing_cycle, managed_by, started_at)
        VALUES (workspace.workspace_id, workspace.subscription_no, p_plan, p_billing_cycle, 'stripe', p_at);
    END IF;
    workspace.plan := p_plan;
    workspace.billing_cycle := p_billing_cycle;
    workspace.managed_by := 'stripe';
    workspace.anchor_at := p_anchor_at;
    workspace.minutes_total := p_allocation;
    workspace.minutes_reset_date := CASE p_billing_cycle WHEN 'monthly' THEN p_period_end END;
    UPDATE subscriptions s
    SET paid_from = p_period_start, allocation_minutes = p_allocation, reset_date = workspace.minutes_reset_date
    WHERE s.workspace_id = workspace.workspace_id AND s.subscription_no = workspace.subscription_no;
    RETURN workspace;
END $$;
