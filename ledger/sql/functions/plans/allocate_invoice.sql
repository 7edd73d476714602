-- Adds the minutes of one paid invoice of Stripe. The newest period decides plan and reset date, whatever order payments come in:
-- an invoice of an older one, or one of a subscription that is over (p_over) while another spell began or ended since, gives
-- its minutes and nothing else. Periods are compared by their beginnings: a year may be followed by a month.
CREATE OR REPLACE FUNCTION allocate_invoice(
    p_workspace_id text, p_plan text, p_billing_cycle text, p_period_start timestamptz, p_period_end timestamptz, p_over boolean,
    p_key text, p_at timestamptz, p_actor text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
    plan_minutes bigint;
    new_lot_id bigint;
BEGIN
    SELECT p.minutes * CASE p_billing_cycle WHEN 'annual' THEN 12 ELSE 1 END
    INTO plan_minutes FROM plans p WHERE p.plan = p_plan;
    IF FOUND AND EXISTS (
        SELECT FROM subscriptions s
        WHERE s.workspace_id = p_workspace_id
          AND (s.paid_from > p_period_start OR (p_over AND coalesce(s.ended_at, s.started_at) > p_period_start))
    ) THEN
        workspace := book_due_periods(workspace, p_at);
        workspace.lot_count := workspace.lot_count + 1;
        INSERT INTO stored_lots (workspace_id, lot_id, entry_no, kind, minutes, acquired_at, burn_order, arrears)
        VALUES (p_workspace_id, workspace.lot_count, workspace.entry_no + 1, 'plan', plan_minutes, p_at, burn_order('plan', p_at), true);
        workspace := append_entry(workspace, 'allocation', plan_minutes, 0, 'credit', workspace.lot_count, p_key, p_at, p_actor, NULL, p_reference);
        RETURN workspace.lot_count;
    END IF;
    new_lot_id := allocate_plan(p_workspace_id, p_plan, p_billing_cycle, 'stripe', p_period_end, p_key, p_at, p_actor, p_reference);
    UPDATE subscriptions s SET paid_from = p_period_start
    FROM workspace_minutes w
    WHERE w.workspace_id = p_workspace_id AND s.workspace_id = w.workspace_id AND s.subscription_no = w.subscription_no;
    RETURN new_lot_id;
END $$;
