-- name: Median package size
-- unit: minutes
-- estimate: median
-- better: up
-- period: payment
-- matures: none
-- rollup: average-package-minutes
-- version: 1
-- example: 150.0 minutes; n 7
-- formula: the size of which half of the packages paid in the period are no larger
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, CAST(p.minutes AS text) AS part,
       p.minutes AS value, 1 AS weight, false AS pending,
       CAST(p.purchase_id AS text) AS purchase_id, p.package_name, p.amount_cents, p.status
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
