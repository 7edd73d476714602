-- The inbox, newest first; text is the beginning of a type.
SELECT event_id, type, api_version, livemode, source, object_id, created, received_at, delivered_by, deliveries, sha256, status, attempts,
       next_attempt_at, finished_at, error, effect, workspace_id, purged_at
FROM stripe_events
WHERE (CAST(:text AS text) IS NULL OR starts_with(type, :text))
  AND (CAST(:status AS text) IS NULL OR status = :status)
  AND (CAST(:before AS text) IS NULL OR (received_at, event_id) < (
        SELECT received_at, event_id FROM stripe_events WHERE event_id = CAST(:before AS text)))
ORDER BY received_at DESC, event_id DESC
LIMIT :limit;
