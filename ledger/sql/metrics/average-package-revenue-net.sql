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
       r.amount_cents - r.returned_cents AS value, (r.returned_cents < r.amount_cents)::int AS weight, r.pending,
       r.purchase_id, r.package_name, r.minutes, r.amount_cents, r.returned_cents
FROM (
    SELECT g.*, CASE WHEN g.contested THEN returned_cents(g.workspace_id, g.purchase_id, :as_of) ELSE 0 END AS returned_cents
    FROM rows('revenue-gross') g
) r
