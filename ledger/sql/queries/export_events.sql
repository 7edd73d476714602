-- Raw events of one customer that are still kept.
SELECT event_id, type, received_at, convert_from(raw, 'UTF8') AS raw
FROM stripe_events
WHERE workspace_id = :workspace_id AND raw IS NOT NULL
ORDER BY received_at, event_id
