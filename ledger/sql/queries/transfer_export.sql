-- name: transfer_export_workspaces
SELECT w.workspace_id, w.name, w.owner_email, w.created_at,
       (SELECT jsonb_object_agg(a.key, a.value) FROM workspace_attributes a WHERE a.workspace_id = w.workspace_id) AS attributes
FROM workspaces w WHERE w.source = :source ORDER BY w.workspace_id;

-- name: transfer_export_opening_balances
SELECT e.workspace_id, e.plan_delta AS plan_minutes, coalesce(g.minutes, 0) AS extra_minutes, coalesce(g.at, e.at) AS at
FROM entries e
JOIN workspaces w ON w.workspace_id = e.workspace_id AND w.source = :source
LEFT JOIN entries g ON g.workspace_id = e.workspace_id AND g.kind = 'grant' AND g.key = e.key AND g.reason = 'opening balance'
WHERE e.kind = 'allocation' AND e.reference = 'opening balance' ORDER BY e.workspace_id;

-- name: transfer_export_plans
-- One row for each allocation, and for each period of a plan that came with an opening balance or lay before it.
WITH allocated AS (
    SELECT e.workspace_id, e.at, e.entry_no, e.key, m.body ->> 'plan' AS plan, m.body ->> 'billing_cycle' AS billing_cycle,
           (m.body ->> 'period_end')::timestamptz AS period_end, s.subscription_no, s.managed_by, s.ended_at
    FROM entries e
    JOIN workspaces w ON w.workspace_id = e.workspace_id AND w.source = :source
    JOIN idempotency_keys m ON m.workspace_id = e.workspace_id AND m.operation = 'allocation' AND m.key = e.key
    CROSS JOIN LATERAL (
        SELECT * FROM subscriptions p WHERE p.workspace_id = e.workspace_id AND p.started_at <= e.at AND (p.ended_at IS NULL OR p.ended_at >= e.at)
        ORDER BY p.subscription_no DESC LIMIT 1) s
    WHERE e.kind = 'allocation' AND e.reference IS DISTINCT FROM 'opening balance'
    UNION ALL
    SELECT s.workspace_id, s.started_at, NULL, NULL, s.plan, s.billing_cycle, NULL, s.subscription_no, s.managed_by, s.ended_at
    FROM subscriptions s
    JOIN workspaces w ON w.workspace_id = s.workspace_id AND w.source = :source
    WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.workspace_id = s.workspace_id AND e.kind = 'allocation' AND e.at = s.started_at
                      AND e.reference IS DISTINCT FROM 'opening balance')
), ended AS (
    SELECT a.*, coalesce(lead(a.at) OVER (PARTITION BY a.workspace_id, a.subscription_no ORDER BY a.at, a.entry_no), a.ended_at) AS until
    FROM allocated a
)
SELECT d.workspace_id, d.plan, d.billing_cycle, d.at AS started_at, d.until AS ended_at, d.managed_by, d.period_end,
       EXISTS (SELECT 1 FROM lots l WHERE l.workspace_id = d.workspace_id AND l.period_start = d.until) AS last_period_given, d.key,
       (SELECT min(m.entry_no) FROM idempotency_keys m
        WHERE m.workspace_id = d.workspace_id AND m.operation = 'cancel' AND m.entry_no >= d.entry_no) AS ended_no,
       d.entry_no AS booked_no
FROM ended d ORDER BY d.workspace_id, d.at, d.entry_no;

-- name: transfer_export_resets
SELECT e.workspace_id, e.at, e.entry_no AS booked_no FROM entries e
JOIN workspaces w ON w.workspace_id = e.workspace_id AND w.source = :source
WHERE e.kind = 'reset' ORDER BY e.workspace_id, e.entry_no;

-- name: transfer_export_grants
SELECT e.workspace_id, e.key, e.minutes, e.at, e.reason, e.entry_no AS booked_no FROM entries e
JOIN workspaces w ON w.workspace_id = e.workspace_id AND w.source = :source
WHERE e.kind = 'grant' AND e.reason <> 'opening balance' ORDER BY e.workspace_id, e.entry_no;

-- name: transfer_export_uses
SELECT e.workspace_id, e.key, e.minutes, e.at, e.duration_seconds,
       CASE WHEN e.overage_policy <> 'partial' THEN CAST(e.overage_policy AS text) END AS policy, e.entry_no AS booked_no
FROM entries e
JOIN workspaces w ON w.workspace_id = e.workspace_id AND w.source = :source
WHERE e.kind = 'use';

-- name: transfer_export_purchases
-- Amounts without tax and after the discount: another ledger books what was earned.
SELECT p.workspace_id, CAST(p.purchase_id AS text) AS purchase_id, p.package, p.minutes, p.revenue_cents AS amount_cents, p.currency, p.paid_at, p.fee_cents,
       CASE WHEN p.paid_at IS NULL THEN p.status END AS status, p.created_at AS begun_at, p.failure_code, p.failure_message, p.customer,
       p.payment_intent, p.charge, l.entry_no AS booked_no
FROM extra_minutes_purchases p
LEFT JOIN lots l ON l.workspace_id = p.workspace_id AND l.lot_id = p.lot_id
WHERE p.source = :source ORDER BY p.workspace_id, p.created_at, p.purchase_id;

-- name: transfer_export_refunds
-- Each with the entry that took its minutes, in the order in which both came.
SELECT r.workspace_id, CAST(r.purchase_id AS text) AS purchase_id, r.refund_id, r.net_cents AS amount_cents, r.currency, r.refunded_at AS at, e.at AS booked_at,
       r.status, r.reason, e.entry_no AS booked_no
FROM (
    SELECT f.*, p.lot_id, refund_without_tax(f, p.revenue_cents, p.charged_cents) AS net_cents, row_number() OVER (PARTITION BY f.workspace_id, f.purchase_id ORDER BY f.refunded_at, f.refund_id) AS place
    FROM refunds f
    JOIN extra_minutes_purchases p ON p.workspace_id = f.workspace_id AND p.purchase_id = f.purchase_id AND p.source = :source
) r
LEFT JOIN LATERAL (
    SELECT e.at, e.entry_no, row_number() OVER (ORDER BY e.entry_no) AS place FROM entries e
    WHERE e.workspace_id = r.workspace_id AND e.lot_id = r.lot_id AND e.kind = 'refund'
) e ON e.place = r.place
ORDER BY r.workspace_id, r.refunded_at, r.refund_id;

-- name: transfer_export_disputes
SELECT d.workspace_id, CAST(d.purchase_id AS text) AS purchase_id, d.dispute_id, without_tax(d.amount_cents, p.revenue_cents, p.charged_cents) AS amount_cents, d.currency, d.opened_at AS at, d.closed_at, d.status,
       d.reason, d.fee_cents, o.at AS booked_at, o.entry_no AS booked_no, c.entry_no AS closed_no
FROM disputes d
JOIN extra_minutes_purchases p ON p.workspace_id = d.workspace_id AND p.purchase_id = d.purchase_id AND p.source = :source
LEFT JOIN LATERAL (
    SELECT e.at, e.entry_no FROM entries e WHERE e.workspace_id = p.workspace_id AND e.lot_id = p.lot_id AND e.kind = 'dispute'
    ORDER BY e.entry_no LIMIT 1) o ON true
LEFT JOIN LATERAL (
    SELECT e.entry_no FROM entries e WHERE e.workspace_id = p.workspace_id AND e.lot_id = p.lot_id AND e.kind = 'restore'
    ORDER BY e.entry_no LIMIT 1) c ON d.status IN ('won', 'prevented')
ORDER BY d.workspace_id, d.opened_at, d.dispute_id;

-- name: transfer_export_voids
SELECT e.workspace_id, e.key, e.lot_id, e.minutes, e.at, e.reason, e.entry_no AS booked_no FROM entries e
JOIN workspaces w ON w.workspace_id = e.workspace_id AND w.source = :source
WHERE e.kind = 'void' ORDER BY e.workspace_id, e.entry_no;
