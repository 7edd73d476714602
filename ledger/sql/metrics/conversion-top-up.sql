-- name: Conversion by auto top-up
-- unit: percent
-- estimate: ratio
-- better: up
-- of: workspaces
-- counts: workspaces
-- period: limit hit
-- matures: 14
-- rollup: own
-- version: 1
-- example: 0.0 percent; n 7; 0.0 to 35.4; pending 2
-- formula: the part of conversion that auto top-up made: workspaces whose first purchase within 14 days of the limit hit was bought by auto top-up
SELECT r.workspace_id, r.at, r.package, r.currency, r.part,
       (r.value = 1 AND by_itself.purchase_id IS NOT NULL)::int AS value, r.weight, r.pending,
       r.epoch, CASE WHEN by_itself.purchase_id IS NOT NULL THEN r.paid_at END AS paid_at, r.bought_package, r.bought_minutes
FROM rows('conversion') r
LEFT JOIN LATERAL (
    SELECT p.purchase_id FROM extra_minutes_purchases p
    WHERE p.workspace_id = r.workspace_id AND p.paid_at = r.paid_at AND p.actor = 'auto top-up' LIMIT 1) by_itself ON true
