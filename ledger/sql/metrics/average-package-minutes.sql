-- name: Average package size
-- unit: minutes
-- estimate: mean
-- better: up
-- period: payment
-- matures: none
-- rollup: own
-- version: 1
-- example: 210.0 minutes; n 7; 120.0 to 407.1429
-- formula: minutes of all packages paid in the period / number of purchases; the interval draws workspaces again
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, CAST(p.minutes AS text) AS part,
       p.minutes AS value, 1 AS weight, false AS pending,
       CAST(p.purchase_id AS text) AS purchase_id, p.package_name, p.amount_cents, p.status
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
