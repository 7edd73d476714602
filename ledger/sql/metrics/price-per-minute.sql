-- name: Price per minute
-- unit: cents
-- estimate: mean
-- better: none
-- period: payment
-- matures: none
-- rollup: own
-- version: 1
-- example: 11.9 cents; n 7
-- formula: amount of all packages paid in the period / their minutes (never the mean of the ratios)
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, '' AS part,
       p.amount_cents AS value, p.minutes AS weight, false AS pending,
       CAST(p.purchase_id AS text) AS purchase_id, p.package_name, p.status
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
