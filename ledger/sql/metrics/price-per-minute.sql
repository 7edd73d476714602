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
-- of: purchases
SELECT r.workspace_id, r.at, r.package, r.currency, r.part, r.amount_cents AS value, r.minutes AS weight, r.pending,
       r.purchase_id, r.package_name, r.status
FROM rows('revenue-gross') r
