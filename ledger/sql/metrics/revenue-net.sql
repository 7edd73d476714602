-- name: Net revenue
-- unit: cents
-- estimate: sum
-- better: up
-- period: payment, refund or end of the dispute
-- matures: none
-- rollup: own
-- version: 1
-- example: 16494.0 cents; n 8
-- formula: paid in the period - refunded in the period - disputes lost in the period, each on its own day
SELECT m.workspace_id, m.at, plan_at(m.workspace_id, m.at, 'plan') AS plan,
       plan_at(m.workspace_id, m.at, 'billing_cycle') AS billing_cycle, m.package, m.currency, m.part,
       m.value, 1 AS weight, false AS pending, CAST(m.purchase_id AS text) AS purchase_id
FROM (
    SELECT p.workspace_id, p.paid_at AS at, p.package, p.currency, 'paid' AS part, p.amount_cents AS value, p.purchase_id, p.source
    FROM paid_purchases p
    UNION ALL
    SELECT r.workspace_id, r.refunded_at, p.package, r.currency, 'refunded', -r.amount_cents, r.purchase_id, p.source
    FROM refunds r
    JOIN paid_purchases p ON p.workspace_id = r.workspace_id AND p.purchase_id = r.purchase_id
    WHERE r.status IN ('pending', 'requires_action', 'succeeded')
    UNION ALL
    SELECT d.workspace_id, coalesce(d.closed_at, d.opened_at), p.package, d.currency, 'disputed', -d.amount_cents, d.purchase_id, p.source
    FROM disputes d
    JOIN paid_purchases p ON p.workspace_id = d.workspace_id AND p.purchase_id = d.purchase_id
    WHERE d.status = 'lost'
) m
WHERE m.source = :source AND m.at >= :start AND m.at < :end AND m.at <= :as_of
