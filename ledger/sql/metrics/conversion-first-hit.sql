-- name: Conversion at the first limit hit
-- unit: percent
-- estimate: ratio
-- better: up
-- of: workspaces
-- period: first limit hit
-- matures: 14
-- rollup: own
-- version: 1
-- example: 42.9 percent; n 7; 15.8 to 75.0; pending 2
-- formula: of the workspaces whose first limit hit lies in the period and is at least 14 days old, those that bought within 14 days of it
SELECT r.* FROM rows('conversion') r
WHERE NOT EXISTS (
    SELECT 1 FROM usage_alerts earlier
    WHERE earlier.workspace_id = r.workspace_id AND earlier.kind = 'limit_hit' AND (earlier.at, earlier.epoch) < (r.at, r.epoch))
