-- name: Net revenue per paying workspace
-- unit: cents
-- estimate: slow-mean
-- better: up
-- period: payment
-- matures: none
-- rollup: none
-- version: 1
-- example: 2749.0 cents; n 6
-- formula: (paid - money that went back) of the purchases of the period / workspaces that kept at least one of them
SELECT b.workspace_id, b.at, plan_at(b.workspace_id, b.at, 'plan') AS plan,
       plan_at(b.workspace_id, b.at, 'billing_cycle') AS billing_cycle, '' AS package, b.currency, '' AS part,
       b.net AS value, b.kept AS weight, false AS pending, b.purchases
FROM (
    SELECT p.workspace_id, p.currency, min(p.paid_at) AS at, count(*) AS purchases,
           sum(p.amount_cents - back.cents) AS net, max((back.cents < p.amount_cents)::int) AS kept
    FROM paid_purchases p
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p.contested THEN returned_cents(p.workspace_id, p.purchase_id, :as_of) ELSE 0 END AS cents) back
    WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
    GROUP BY p.workspace_id, p.currency
) b
