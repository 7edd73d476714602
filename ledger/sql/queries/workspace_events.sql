-- Payment events of one customer, newest first, without their payload.
SELECT event_id, type, object_id, received_at, status, effect, error
FROM stripe_events
WHERE workspace_id = :workspace_id
ORDER BY received_at DESC, event_id DESC
LIMIT :limit
