-- The event of a top-up, with what was to be bought, the reason, and where the customer confirms the payment if the bank asks.
CREATE OR REPLACE FUNCTION emit_top_up_event(
    p_workspace_id text, p_epoch bigint, p_type text, p_confirm_url text, p_at timestamptz
) RETURNS void
LANGUAGE sql AS $$
    SELECT emit_event(t.workspace_id, p_type, p_at, jsonb_build_object(
        'workspace_id', t.workspace_id, 'epoch', t.epoch, 'purchase_id', t.purchase_id, 'package', coalesce(p.package, a.package),
        'minutes', p.minutes, 'amount_cents', p.amount_cents, 'currency', p.currency, 'trigger', a.trigger,
        'reason', t.outcome, 'detail', t.detail, 'next_attempt_at', t.next_attempt_at, 'paused', a.paused_reason IS NOT NULL,
        'confirm_url', p_confirm_url, 'balance', balance_of_workspace(w)))
    FROM top_ups t
    JOIN auto_top_ups a ON a.workspace_id = t.workspace_id
    JOIN workspace_minutes w ON w.workspace_id = t.workspace_id
    LEFT JOIN extra_minutes_purchases p ON p.workspace_id = t.workspace_id AND p.purchase_id = t.purchase_id
    WHERE t.workspace_id = p_workspace_id AND t.epoch = p_epoch;
$$;
