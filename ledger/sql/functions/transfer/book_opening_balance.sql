-- The first entries of a workspace whose earlier history stays elsewhere: what was left of its plan, and of its extra minutes.
-- A plan that runs goes on: its minutes stand at the beginning of its current month, so that the next ones come on its own date.
CREATE OR REPLACE FUNCTION book_opening_balance(
    p_workspace_id text, p_key text, p_at timestamptz, p_body jsonb, p_actor text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
    v_started_at timestamptz := p_body ->> 'started_at';
    v_monthly boolean := p_body ->> 'billing_cycle' = 'monthly';
    v_from timestamptz := p_at;
    v_extra bigint := p_body ->> 'extra_minutes';
    v_lot_id bigint;
BEGIN
    IF v_started_at IS NOT NULL THEN
        IF v_monthly THEN
            v_from := v_started_at;
            WHILE next_reset(v_started_at, v_from) <= p_at LOOP
                v_from := next_reset(v_started_at, v_from);
            END LOOP;
        END IF;
        workspace.subscription_no := 1 + coalesce((SELECT max(s.subscription_no) FROM subscriptions s WHERE s.workspace_id = p_workspace_id), 0);
        INSERT INTO subscriptions (workspace_id, subscription_no, plan, billing_cycle, managed_by, started_at)
        VALUES (p_workspace_id, workspace.subscription_no, p_body ->> 'plan', p_body ->> 'billing_cycle', 'ledger', v_started_at);
        workspace.plan := p_body ->> 'plan';
        workspace.billing_cycle := p_body ->> 'billing_cycle';
        workspace.managed_by := 'ledger';
        workspace.anchor_at := v_from;
        workspace.minutes_reset_date := CASE WHEN v_monthly THEN next_reset(v_from, v_from) END;
    END IF;
    workspace := add_plan_lot(workspace, 'allocation', (p_body ->> 'plan_minutes')::bigint, NULL, false, p_key, v_from, p_actor, 'opening balance');
    PERFORM mark_past_write(p_workspace_id, 'allocation', p_key, workspace.lot_count, '{}');
    IF v_extra > 0 THEN
        v_lot_id := add_lot(p_workspace_id, 'grant', v_extra, NULL, p_key, p_at, p_actor, 'opening balance', NULL);
        PERFORM mark_past_write(p_workspace_id, 'grant', p_key, v_lot_id, jsonb_build_object(
            'minutes', v_extra, 'reason', 'opening balance', 'reference', NULL, 'purchase_id', NULL));
    END IF;
END $$;
