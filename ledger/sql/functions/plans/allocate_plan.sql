-- Adds a plan allocation to what remains: the month's minutes, or twelve months at once for an annual plan.
-- Books overdue periods of the old cycle first; the allocation is the new billing anchor, unless a newer plan change was booked
-- before: the newest business time decides. Periods that the same plan was given beyond `p_at` are those of the new anchor.
-- p_managed_by 'stripe': the reset date is Stripe's period end and we never reset. Same plan and cycle: the subscription goes on.
CREATE OR REPLACE FUNCTION allocate_plan(
    p_workspace_id text, p_plan text, p_billing_cycle text, p_managed_by text, p_period_end timestamptz,
    p_key text, p_at timestamptz, p_actor text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
    plan_minutes bigint;
    given_from timestamptz := p_at;
BEGIN
    SELECT p.minutes * CASE p_billing_cycle WHEN 'annual' THEN 12 ELSE 1 END
    INTO plan_minutes FROM plans p WHERE p.plan = p_plan;
    IF NOT FOUND THEN
        RAISE SQLSTATE 'LG406' USING MESSAGE = 'unknown plan', DETAIL = p_plan;
    END IF;
    IF workspace.anchor_at > p_at OR EXISTS (
        SELECT 1 FROM subscriptions s WHERE s.workspace_id = p_workspace_id AND coalesce(s.ended_at, s.started_at) > p_at) THEN
        RETURN allocate_late_plan(workspace, p_plan, p_billing_cycle, p_managed_by, plan_minutes, p_key, p_at, p_actor, p_reference);
    END IF;
    workspace := book_due_periods(workspace, p_at);
    IF (workspace.plan, workspace.billing_cycle, workspace.managed_by) IS DISTINCT FROM (p_plan, p_billing_cycle, p_managed_by) THEN
        workspace := end_subscription(workspace, p_at);
        workspace.subscription_no := 1 + coalesce(
            (SELECT max(s.subscription_no) FROM subscriptions s WHERE s.workspace_id = p_workspace_id), 0);
        INSERT INTO subscriptions (workspace_id, subscription_no, plan, billing_cycle, managed_by, started_at)
        VALUES (p_workspace_id, workspace.subscription_no, p_plan, p_billing_cycle, p_managed_by, p_at);
    ELSE
        SELECT greatest(p_at, max(l.period_start)) INTO given_from FROM lots l
        WHERE l.workspace_id = p_workspace_id AND l.period_start > p_at AND NOT l.arrears;
    END IF;
    workspace.plan := p_plan;
    workspace.billing_cycle := p_billing_cycle;
    workspace.managed_by := p_managed_by;
    workspace.anchor_at := p_at;
    workspace.minutes_total := plan_minutes;
    workspace.minutes_reset_date := CASE
        WHEN p_managed_by = 'stripe' THEN p_period_end
        WHEN p_billing_cycle = 'monthly' THEN next_reset(p_at, given_from)
    END;
    workspace := add_plan_lot(workspace, 'allocation', plan_minutes, NULL, false, p_key, p_at, p_actor, NULL, p_reference);
    RETURN workspace.lot_count;
END $$;
