-- Paid invoices of plans, links to Stripe and automatic top-ups, as sealed_facts shows them. An invoice that ended as an alert has
-- no outcome yet. What may be set again has the time of the setting as its version.
CREATE OR REPLACE VIEW sealed_payments AS
    SELECT 'invoices' AS chain, concat(i.workspace_id, '/', i.invoice_id) AS subject, 0::bigint AS version,
           jsonb_strip_nulls(jsonb_build_object(
        'subscription_id', i.subscription_id, 'payment_intent', i.payment_intent, 'billing_reason', i.billing_reason,
        'currency', i.currency, 'amount_paid_cents', i.amount_paid_cents, 'paid_at', i.paid_at)) AS facts
    FROM stripe_invoices i
    UNION ALL
    SELECT 'invoice_outcomes', concat(i.workspace_id, '/', i.invoice_id), 0, jsonb_strip_nulls(jsonb_build_object(
        'outcome', i.outcome, 'because', i.because, 'minutes', i.minutes, 'settled_minutes', i.settled_minutes))
    FROM stripe_invoices i WHERE i.outcome <> 'alert'
    UNION ALL
    SELECT 'invoice_lines', concat(n.workspace_id, '/', n.invoice_id, '/', n.line_no), 0, jsonb_strip_nulls(jsonb_build_object(
        'subscription_id', n.subscription_id, 'price_id', n.price_id, 'plan', n.plan, 'quantity', n.quantity, 'proration', n.proration,
        'trial', n.trial, 'amount_cents', n.amount_cents, 'period_start', n.period_start, 'period_end', n.period_end,
        'minutes', n.minutes, 'arithmetic', n.arithmetic, 'moved_minutes', n.moved_minutes, 'shortfall_minutes', n.shortfall_minutes))
    FROM stripe_invoice_lines n
    JOIN stripe_invoices i ON i.workspace_id = n.workspace_id AND i.invoice_id = n.invoice_id AND i.outcome <> 'alert'
    UNION ALL
    SELECT 'stripe_links', concat(l.workspace_id, '/'), (extract(epoch FROM l.chosen_at) * 1000000)::bigint, jsonb_build_object(
        'starts_at', l.starts_at, 'chosen_by', l.chosen_by)
    FROM stripe_links l
    UNION ALL
    SELECT 'old_balances', concat(o.workspace_id, '/'), (extract(epoch FROM o.at) * 1000000)::bigint, jsonb_build_object(
        'minutes', o.minutes, 'actor', o.actor)
    FROM old_balances o
    UNION ALL
    SELECT 'comparisons', m.comparison_id::text, 0, jsonb_build_object(
        'source', m.source, 'compared_at', m.compared_at, 'actor', m.actor, 'equal', m.equal, 'open', m.open,
        'unexplained_minutes', m.unexplained_minutes, 'unexplained_cents', m.unexplained_cents, 'differences', m.differences)
    FROM move_in_comparisons m
    UNION ALL
    SELECT 'went_live', m.comparison_id::text, 0, jsonb_build_object('by', m.went_live_by)
    FROM move_in_comparisons m WHERE m.went_live_by IS NOT NULL
    UNION ALL
    SELECT 'payment_objects', concat(p.workspace_id, '/', p.object_id), 0, jsonb_strip_nulls(jsonb_build_object(
        'kind', p.kind, 'purchase_id', p.purchase_id, 'linked_by', p.linked_by))
    FROM payment_objects p
    UNION ALL
    SELECT 'top_up_settings', concat(a.workspace_id, '/'), (extract(epoch FROM a.changed_at) * 1000000)::bigint, jsonb_build_object(
        'package', a.package, 'trigger', a.trigger, 'monthly_limit_cents', a.monthly_limit_cents, 'enabled', a.enabled,
        'changed_by', a.changed_by)
    FROM auto_top_ups a
    UNION ALL
    SELECT 'top_ups', concat(t.workspace_id, '/', t.epoch), 0, jsonb_build_object('purchase_id', t.purchase_id, 'at', t.at)
    FROM top_ups t WHERE t.purchase_id IS NOT NULL;

-- grants
GRANT SELECT ON sealed_payments TO ledger_app;
