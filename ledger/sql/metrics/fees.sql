-- name: Processing fees
-- unit: cents
-- estimate: sum
-- better: down
-- period: payment
-- matures: none
-- rollup: own
-- version: 1
-- example: 0.0 cents; n 0
-- formula: sum of the payment fees of purchases paid in the period, as far as they are booked; not part of net revenue
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.fee_currency AS currency, '' AS part,
       p.fee_cents AS value, 1 AS weight, false AS pending, CAST(p.purchase_id AS text) AS purchase_id
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of AND p.fee_cents IS NOT NULL
