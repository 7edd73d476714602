-- name: Webhook lag
-- unit: seconds
-- estimate: slow-median
-- better: down
-- of: events
-- period: event
-- matures: none
-- rollup: none
-- version: 1
-- example: none
-- formula: time from an event's creation at Stripe to its arrival here; the median
SELECT coalesce(e.workspace_id, '') AS workspace_id, e.received_at AS at, '' AS package, '' AS currency, '' AS part,
       extract(epoch FROM e.received_at - e.created) AS value, 1 AS weight, false AS pending, e.event_id, e.type
FROM stripe_events e
LEFT JOIN workspaces w ON w.workspace_id = e.workspace_id
WHERE e.created IS NOT NULL AND e.delivered_by = 'webhook' AND e.livemode = (:source = 'live')
  AND (w.source IS NULL OR w.source = :source)
  AND e.received_at >= :start AND e.received_at < :end AND e.received_at <= :as_of
