-- The event of a purchase whose state changed, with the balance of its workspace now; the last change of the purchase is its reason.
CREATE OR REPLACE FUNCTION emit_purchase_event(p_workspace_id text, p_purchase_id uuid, p_type text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p extra_minutes_purchases;
    workspace workspace_minutes;
BEGIN
    SELECT * INTO p FROM extra_minutes_purchases b WHERE b.workspace_id = p_workspace_id AND b.purchase_id = p_purchase_id;
    SELECT * INTO workspace FROM workspace_minutes w WHERE w.workspace_id = p.workspace_id;
    IF FOUND THEN
        PERFORM emit_event(p_workspace_id, p_type, p_at, jsonb_build_object(
            'workspace_id', p.workspace_id, 'purchase_id', p.purchase_id, 'package', p.package, 'minutes', p.minutes,
            'amount_cents', p.amount_cents, 'currency', p.currency, 'charged_cents', p.charged_cents,
            'refunded_cents', p.refunded_cents, 'status', p.status,
            'taken_back_minutes', p.taken_back_minutes, 'shortfall_minutes', p.shortfall_minutes,
            'failure_code', p.failure_code, 'failure_message', p.failure_message, 'reason', coalesce(p.failure_code, p.status),
            'balance', balance_of_workspace(workspace)));
    END IF;
END $$;
