-- name: Alerts delivered after a limit hit
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
-- formula: of the workspaces behind conversion, those whose limit hit an endpoint has received
SELECT c.workspace_id, c.at, c.package, c.currency, c.part,
       (c.weight = 1 AND EXISTS (
           SELECT 1 FROM outgoing_events e
           JOIN event_deliveries d ON d.workspace_id = e.workspace_id AND d.event_no = e.event_no AND d.state = 'delivered'
           WHERE e.workspace_id = c.workspace_id AND e.type = 'usage.limit_hit' AND e.at = c.at))::int AS value, c.weight, c.pending
FROM rows('conversion') c
