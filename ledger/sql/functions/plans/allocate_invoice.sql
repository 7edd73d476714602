-- Adds the minutes of one line of a paid invoice of Stripe. p_minutes null: those of a whole period of the plan (p_allocation,
-- itself null: as the plan gives them). A line that leads decides plan and reset date, unless a newer period was paid before,
-- or its subscription is over (p_over) while another one began or ended since: then it gives its minutes and nothing else.
-- Periods are compared by their beginnings: a year may be followed by a month.
CREATE OR REPLACE FUNCTION allocate_invoice(
    p_workspace_id text, p_plan text, p_billing_cycle text, p_minutes bigint, p_allocation bigint, p_period_start timestamptz,
    p_period_end timestamptz, p_leads boolean, p_over boolean,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
    allocation bigint;
    leads boolean;
BEGIN
    SELECT coalesce(p_allocation, p.minutes * CASE p_billing_cycle WHEN 'annual' THEN 12 ELSE 1 END)
    INTO allocation FROM plans p WHERE p.plan = p_plan;
    IF NOT FOUND THEN
        RAISE SQLSTATE 'LG406' USING MESSAGE = 'unknown plan', DETAIL = p_plan;
    END IF;
    workspace := book_due_periods(workspace, p_at);
    leads := p_leads AND NOT EXISTS (
        SELECT 1 FROM subscriptions s
        WHERE s.workspace_id = p_workspace_id
          AND (s.paid_from > p_period_start OR (p_over AND coalesce(s.ended_at, s.started_at) > p_period_start)));
    IF leads THEN
        workspace := lead_plan(workspace, p_plan, p_billing_cycle, allocation, p_period_start, p_period_end, p_at, p_at);
    END IF;
    workspace := add_plan_lot(workspace, 'allocation', coalesce(p_minutes, allocation), NULL, NOT leads, p_key, p_at, p_actor, p_reason,
                              p_reference);
    RETURN workspace.lot_count;
END $$;
