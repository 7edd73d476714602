-- name: Average revenue per package, net
-- unit: cents
-- estimate: mean
-- better: up
-- period: payment
-- matures: none
-- rollup: own
-- version: 1
-- example: 2749.0 cents; n 6
-- formula: (amount - money that went back) of the packages paid in the period / number of purchases whose money did not go back in full
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, '' AS part,
       p.amount_cents - back.cents AS value, (back.cents < p.amount_cents)::int AS weight, false AS pending,
       CAST(p.purchase_id AS text) AS purchase_id, p.package_name, p.minutes, p.amount_cents, back.cents AS returned_cents
FROM paid_purchases p
CROSS JOIN LATERAL (
    SELECT CASE WHEN p.contested THEN returned_cents(p.workspace_id, p.purchase_id, :as_of) ELSE 0 END AS cents) back
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
