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
-- of: purchases
SELECT r.workspace_id, r.at, r.package, r.currency, r.part,
       r.amount_cents - back.cents AS value, (back.cents < r.amount_cents)::int AS weight, r.pending,
       r.purchase_id, r.package_name, r.minutes, r.amount_cents, back.cents AS returned_cents
FROM rows('revenue-gross') r
CROSS JOIN LATERAL (
    SELECT CASE WHEN r.contested THEN returned_cents(r.workspace_id, r.purchase_id, :as_of) ELSE 0 END AS cents) back
