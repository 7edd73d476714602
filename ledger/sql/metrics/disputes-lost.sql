-- name: Lost disputes
-- unit: cents
-- estimate: sum
-- better: down
-- period: end of the dispute
-- matures: none
-- rollup: own
-- version: 2
-- example: 0.0 cents; n 0
-- formula: sum of the amounts of disputes that were lost in the period, without tax; a plan counts the disputes about what was bought on it
-- of: disputes
-- segments: paid_at
SELECT d.workspace_id, ended.at, p.package, d.currency, '' AS part, without_tax(d.amount_cents, p.amount_cents, p.charged_cents) AS value, 1 AS weight, false AS pending,
       d.purchase_id, p.paid_at, d.dispute_id, d.reason
FROM disputes d
CROSS JOIN LATERAL (SELECT coalesce(d.closed_at, d.opened_at) AS at) ended
JOIN paid_purchases p ON p.workspace_id = d.workspace_id AND p.purchase_id = d.purchase_id
WHERE p.source = :source AND d.status = 'lost' AND ended.at >= :start AND ended.at < :end AND ended.at <= :as_of
