-- name: Offers seen after a limit hit
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
-- formula: of the workspaces behind conversion, those that saw an offer within 14 days of such a hit
SELECT c.workspace_id, c.at, c.package, c.currency, c.part,
       (c.weight = 1 AND EXISTS (
           SELECT 1 FROM offers_seen o
           WHERE o.workspace_id = c.workspace_id AND o.at >= c.at AND o.at < c.at + make_interval(days => :window_days) AND o.at <= :as_of))::int AS value, c.weight, c.pending
FROM rows('conversion') c
