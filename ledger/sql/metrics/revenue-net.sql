-- name: Net revenue
-- unit: cents
-- estimate: sum
-- better: up
-- period: payment, refund or end of the dispute
-- matures: none
-- rollup: own
-- version: 2
-- example: 16494.0 cents; n 8
-- formula: paid in the period - refunded in the period - disputes lost in the period, each on its own day; a plan counts what was bought on it, and what of that went back
-- of: purchases, refunds and disputes
-- segments: paid_at
SELECT p.workspace_id, p.at, p.package, p.currency, 'paid' AS part, p.value, p.weight, p.pending, p.purchase_id, p.at AS paid_at
FROM rows('revenue-gross') p
UNION ALL
SELECT r.workspace_id, r.at, r.package, r.currency, 'refunded', -r.value, r.weight, r.pending, r.purchase_id, r.paid_at
FROM rows('refunds') r
UNION ALL
SELECT d.workspace_id, d.at, d.package, d.currency, 'disputed', -d.value, d.weight, d.pending, d.purchase_id, d.paid_at
FROM rows('disputes-lost') d
