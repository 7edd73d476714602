-- name: Purchases given back in full
-- unit: percent
-- estimate: ratio
-- better: down
-- period: payment
-- matures: none
-- rollup: own
-- repeats: yes
-- version: 1
-- example: 14.3 percent; n 7; 2.6 to 51.3
-- formula: purchases paid in the period whose money went back in full by refunds or lost disputes / purchases paid in the period
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, '' AS part,
       (p.contested AND returned_cents(p.workspace_id, p.purchase_id, :as_of) >= p.amount_cents)::int AS value,
       1 AS weight, false AS pending, CAST(p.purchase_id AS text) AS purchase_id, p.amount_cents, p.status
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
