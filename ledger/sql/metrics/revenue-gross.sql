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
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, '' AS part,
       p.amount_cents AS value, 1 AS weight, false AS pending,
       CAST(p.purchase_id AS text) AS purchase_id, p.package_name, p.minutes, p.status
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
