-- name: Bought before the limit
-- unit: percent
-- estimate: ratio
-- better: none
-- period: payment
-- matures: none
-- rollup: own
-- repeats: yes
-- version: 1
-- example: 14.3 percent; n 7; 2.6 to 51.3
-- formula: purchases paid in the period by workspaces that had never reached the limit / purchases paid in the period; revenue, but no conversion
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, '' AS part,
       (NOT EXISTS (SELECT 1 FROM usage_alerts c WHERE c.workspace_id = p.workspace_id AND c.kind = 'limit_hit' AND c.at <= p.paid_at))::int AS value,
       1 AS weight, false AS pending, CAST(p.purchase_id AS text) AS purchase_id, p.amount_cents
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
