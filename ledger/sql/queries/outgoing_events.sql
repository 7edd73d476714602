-- name: event_attempt_add
INSERT INTO event_attempts (workspace_id, event_no, endpoint_id, attempt, at, status, answer, error, milliseconds)
VALUES (:workspace_id, :event_no, :endpoint_id, :attempt, :at, :status, :answer, :error, :milliseconds)
ON CONFLICT DO NOTHING;

-- name: event_attempts
SELECT attempt, at, status, answer, error, milliseconds
FROM event_attempts
WHERE workspace_id = :workspace_id AND endpoint_id = :endpoint_id AND event_no = :event_no
ORDER BY at, attempt;

-- name: event_deliveries
-- What went to one endpoint, newest event first.
SELECT d.workspace_id, d.event_no, d.endpoint_id, e.type, e.at, e.recorded_at, e.data, d.state, d.attempts, d.next_attempt_at,
       d.delivered_at
FROM event_deliveries d
JOIN outgoing_events e ON e.workspace_id = d.workspace_id AND e.event_no = d.event_no
WHERE d.endpoint_id = :endpoint_id AND (CAST(:state AS text) IS NULL OR d.state = :state)
  AND d.event_no < coalesce(CAST(:before AS bigint), 9223372036854775807)
  AND (CAST(:type AS text) IS NULL OR e.type = :type) AND (CAST(:workspace_id AS text) IS NULL OR d.workspace_id = :workspace_id)
  AND (CAST(:start AS timestamptz) IS NULL OR e.recorded_at >= :start) AND (CAST(:end AS timestamptz) IS NULL OR e.recorded_at < :end)
ORDER BY d.event_no DESC
LIMIT :limit;

-- name: event_deliveries_claim
-- Claims what is due at one endpoint for one sender, for a while; of each workspace only the first that waits, so that order holds.
-- The state is checked again in the outer WHERE: each row goes to one sender. A time beyond the longest wait comes from a clock
-- that was ahead, and is due.
UPDATE event_deliveries d SET attempts = d.attempts + 1, next_attempt_at = :until
FROM outgoing_events e
WHERE e.workspace_id = d.workspace_id AND e.event_no = d.event_no AND d.state = 'pending'
  AND (d.next_attempt_at <= :at OR d.next_attempt_at > CAST(:at AS timestamptz) + interval '25 hours')
  AND (d.workspace_id, d.endpoint_id, d.event_no) IN (
    SELECT f.workspace_id, f.endpoint_id, f.event_no
    FROM event_deliveries f
    WHERE f.state = 'pending' AND f.endpoint_id = :endpoint_id
      AND (f.next_attempt_at <= :at OR f.next_attempt_at > CAST(:at AS timestamptz) + interval '25 hours')
      AND NOT EXISTS (SELECT 1 FROM event_deliveries b
                      WHERE b.workspace_id = f.workspace_id AND b.endpoint_id = f.endpoint_id AND b.event_no < f.event_no
                        AND b.state = 'pending')
    ORDER BY f.next_attempt_at, f.event_no
    LIMIT :limit
  )
RETURNING d.workspace_id, d.event_no, d.endpoint_id, e.type, e.at, e.recorded_at, e.data, d.state, d.attempts, d.next_attempt_at,
          d.delivered_at;

-- name: event_delivery_replay
UPDATE event_deliveries d SET state = 'pending', attempts = 0, next_attempt_at = :at
WHERE d.endpoint_id = :endpoint_id AND d.event_no = :event_no
  AND EXISTS (SELECT 1 FROM webhook_endpoints w WHERE w.endpoint_id = d.endpoint_id AND w.deleted_at IS NULL);

-- name: event_delivery_settle
-- How an attempt ended, unless a replay was requested meanwhile.
UPDATE event_deliveries SET state = :state, next_attempt_at = :next_attempt_at, delivered_at = :delivered_at
WHERE workspace_id = :workspace_id AND endpoint_id = :endpoint_id AND event_no = :event_no AND state = 'pending'
  AND attempts = :attempts;

-- name: event_deliveries_waiting
-- How many deliveries wait and how many were given up, at endpoints that are not deleted.
SELECT (SELECT count(*) FROM (SELECT 1 FROM event_deliveries WHERE state = 'pending' LIMIT :most) p) AS pending,
       (SELECT count(*) FROM (SELECT 1 FROM event_deliveries d
                              WHERE d.state = 'dead'
                                AND EXISTS (SELECT 1 FROM webhook_endpoints w WHERE w.endpoint_id = d.endpoint_id AND w.deleted_at IS NULL)
                              LIMIT :most) d) AS dead;

-- name: outgoing_events_purge
DELETE FROM outgoing_events e
WHERE e.recorded_at < :before
  AND NOT EXISTS (SELECT 1 FROM event_deliveries d
                  WHERE d.workspace_id = e.workspace_id AND d.event_no = e.event_no AND d.state = 'pending');

-- name: payment_messages
-- Events about purchases and top-ups of one workspace, newest first, and how far each got at the endpoints that want it.
SELECT o.type, CAST(o.data ->> 'purchase_id' AS uuid) AS purchase_id, CAST(o.data ->> 'epoch' AS bigint) AS epoch,
       d.delivery, d.delivered_at,
       (SELECT t.error FROM event_attempts t
        WHERE t.workspace_id = o.workspace_id AND t.event_no = o.event_no AND t.error IS NOT NULL ORDER BY t.at DESC LIMIT 1) AS last_error
FROM outgoing_events o
JOIN LATERAL (
    SELECT CASE WHEN bool_or(x.state = 'dead') THEN 'dead' WHEN bool_or(x.state = 'pending') THEN 'pending' ELSE 'delivered' END AS delivery,
           max(x.delivered_at) AS delivered_at
    FROM event_deliveries x
    WHERE x.workspace_id = o.workspace_id AND x.event_no = o.event_no
    HAVING count(*) > 0
) d ON true
WHERE o.workspace_id = :workspace_id AND (o.type LIKE 'purchase.%' OR o.type LIKE 'top\_up.%')
ORDER BY o.event_no DESC
LIMIT :limit;

-- name: webhook_endpoint_add
INSERT INTO webhook_endpoints (endpoint_id, url, events, secret, created_at, created_by, approval_id)
VALUES (:endpoint_id, :url, :events, :secret, :at, :actor, :approval_id);

-- name: webhook_endpoint_approve
UPDATE webhook_endpoints SET approved_by = :actor WHERE approval_id = :approval_id AND deleted_at IS NULL
RETURNING endpoint_id, url;

-- name: webhook_endpoint_delete
UPDATE webhook_endpoints SET deleted_at = coalesce(deleted_at, :at), deleted_by = coalesce(deleted_by, :actor)
WHERE endpoint_id = :endpoint_id;

-- name: webhook_endpoint_drop_pending
UPDATE event_deliveries SET state = 'dead' WHERE endpoint_id = :endpoint_id AND state = 'pending';

-- name: webhook_endpoint_existed
SELECT EXISTS (SELECT 1 FROM webhook_endpoints WHERE endpoint_id = :endpoint_id);

-- name: webhook_endpoint_rotate
UPDATE webhook_endpoints SET previous_secret = secret, previous_until = :until, secret = :secret
WHERE endpoint_id = :endpoint_id AND deleted_at IS NULL;

-- name: webhook_endpoints
SELECT endpoint_id, url, events, secret, previous_secret, previous_until, created_at, created_by,
       approval_id IS NOT NULL AND approved_by IS NULL AS is_waiting
FROM webhook_endpoints
WHERE deleted_at IS NULL AND (CAST(:endpoint_id AS uuid) IS NULL OR endpoint_id = :endpoint_id)
ORDER BY created_at, endpoint_id;
