-- The event of a top-up, with what was to be bought, the reason, and where the customer confirms the payment if the bank asks.
CREATE OR REPLACE FUNCTION emit_top_up_event(
    p_workspace_id text, p_epoch bigint, p_type text, p_confirm_url text, p_at timestamptz
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t top_ups;
    a auto_top_ups;
    p extra_minutes_purchases;
    workspace workspace_minutes;
BEGIN
    SELECT * INTO workspace FROM workspace_minutes w WHERE w.workspace_id = p_workspace_id;
    SELECT * INTO a FROM auto_top_ups s WHERE s.workspace_id = p_workspace_id;
    SELECT * INTO t FROM top_ups o WHERE o.workspace_id = p_workspace_id AND o.epoch = p_epoch;
    IF FOUND AND a.workspace_id IS NOT NULL AND workspace.workspace_id IS NOT NULL THEN
        SELECT * INTO p FROM extra_minutes_purchases b WHERE b.workspace_id = p_workspace_id AND b.purchase_id = t.purchase_id;
        PERFORM emit_event(p_workspace_id, p_type, p_at, jsonb_build_object(
            'workspace_id', t.workspace_id, 'epoch', t.epoch, 'purchase_id', t.purchase_id, 'package', coalesce(p.package, a.package),
            'minutes', p.minutes, 'amount_cents', p.amount_cents, 'currency', p.currency, 'trigger', a.trigger,
            'reason', t.outcome, 'detail', t.detail, 'next_attempt_at', t.next_attempt_at, 'paused', a.paused_reason IS NOT NULL,
            'confirm_url', p_confirm_url, 'balance', balance_of_workspace(workspace)));
    END IF;
END $$;
