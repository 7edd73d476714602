-- name: Lost disputes
-- unit: cents
-- estimate: sum
-- better: down
-- period: end of the dispute
-- matures: none
-- rollup: own
-- version: 1
-- example: 0.0 cents; n 0
-- formula: sum of the amounts of disputes that were lost in the period
SELECT d.workspace_id, coalesce(d.closed_at, d.opened_at) AS at,
       plan_at(d.workspace_id, coalesce(d.closed_at, d.opened_at), 'plan') AS plan,
       plan_at(d.workspace_id, coalesce(d.closed_at, d.opened_at), 'billing_cycle') AS billing_cycle,
       p.package, d.currency, '' AS part, d.amount_cents AS value, 1 AS weight, false AS pending,
       d.dispute_id, CAST(d.purchase_id AS text) AS purchase_id, p.paid_at, d.reason
FROM disputes d
JOIN paid_purchases p ON p.workspace_id = d.workspace_id AND p.purchase_id = d.purchase_id
WHERE p.source = :source AND d.status = 'lost' AND coalesce(d.closed_at, d.opened_at) >= :start
  AND coalesce(d.closed_at, d.opened_at) < :end AND coalesce(d.closed_at, d.opened_at) <= :as_of
