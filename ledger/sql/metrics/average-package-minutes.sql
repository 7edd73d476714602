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
-- of: purchases
SELECT r.workspace_id, r.at, r.package, r.currency, CAST(r.minutes AS text) AS part, r.minutes AS value, 1 AS weight, r.pending,
       r.purchase_id, r.package_name, r.amount_cents, r.status, r.contested
FROM rows('revenue-gross') r
