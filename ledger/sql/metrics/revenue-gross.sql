-- name: Gross revenue
-- unit: cents
-- estimate: sum
-- better: up
-- period: payment
-- matures: none
-- rollup: own
-- version: 1
-- example: 17493.0 cents; n 7
-- formula: sum of what was paid for packages in the period
-- of: purchases
SELECT p.workspace_id, p.paid_at AS at, p.package, p.currency, '' AS part, p.amount_cents AS value, 1 AS weight, false AS pending,
       p.purchase_id, p.package_name, p.minutes, p.amount_cents, p.status, p.contested
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
