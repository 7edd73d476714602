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
-- of: purchases
SELECT r.workspace_id, r.at, r.package, r.currency, r.part,
       (NOT EXISTS (SELECT 1 FROM usage_alerts c WHERE c.workspace_id = r.workspace_id AND c.kind = 'limit_hit' AND c.at <= r.at))::int AS value,
       r.weight, r.pending, r.purchase_id, r.amount_cents
FROM rows('revenue-gross') r
