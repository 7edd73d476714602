-- Adds a plan allocation that happened before the newest plan change: it gives its minutes, and the plan in force stays. Where no
-- plan ran at that time, it ran until the next change: its monthly periods up to there are booked, and its subscription is noted.
-- The allocation is the last entry, so that the balance after it holds them all.
CREATE OR REPLACE FUNCTION allocate_late_plan(
    workspace workspace_minutes, p_plan text, p_billing_cycle text, p_managed_by text, p_minutes bigint,
    p_key text, p_at timestamptz, p_actor text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    due timestamptz := next_reset(p_at, p_at);
    next_change timestamptz;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM subscriptions s
                   WHERE s.workspace_id = workspace.workspace_id AND s.started_at <= p_at AND coalesce(s.ended_at > p_at, true)) THEN
        SELECT min(s.started_at) INTO next_change FROM subscriptions s
        WHERE s.workspace_id = workspace.workspace_id AND s.started_at > p_at;
        INSERT INTO subscriptions (workspace_id, subscription_no, plan, billing_cycle, managed_by, started_at, ended_at)
        SELECT workspace.workspace_id, 1 + max(s.subscription_no), p_plan, p_billing_cycle, p_managed_by, p_at, next_change
        FROM subscriptions s WHERE s.workspace_id = workspace.workspace_id;
        WHILE p_managed_by = 'ledger' AND p_billing_cycle = 'monthly' AND due < next_change LOOP
            IF NOT EXISTS (SELECT 1 FROM lots l WHERE l.workspace_id = workspace.workspace_id AND l.period_start = due) THEN
                workspace := add_reset_lot(workspace, p_minutes, due, true);
            END IF;
            due := next_reset(p_at, due);
        END LOOP;
    END IF;
    workspace := add_plan_lot(workspace, 'allocation', p_minutes, NULL, true, p_key, p_at, p_actor, NULL, p_reference);
    RETURN workspace.lot_count;
END $$;
