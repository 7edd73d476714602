-- name: Purchases begun after a limit hit
-- unit: percent
-- estimate: ratio
-- better: up
-- of: workspaces
-- counts: workspaces
-- period: limit hit
-- matures: 14
-- rollup: own
-- version: 1
-- example: none
-- formula: of the workspaces behind conversion, those that began a purchase within 14 days of such a hit, or paid for one
SELECT c.workspace_id, c.at, c.package, c.currency, c.part,
       (c.weight = 1 AND (c.value = 1 OR EXISTS (
           SELECT 1 FROM extra_minutes_purchases p
           WHERE p.workspace_id = c.workspace_id AND p.created_at >= c.at
             AND p.created_at < c.at + make_interval(days => :window_days) AND p.created_at <= :as_of)))::int AS value, c.weight, c.pending
FROM rows('conversion') c
