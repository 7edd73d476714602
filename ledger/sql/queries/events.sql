-- name: claim_event
-- The next event that is due, for one worker. When that worker dies it is due again at the end of the lease; later leases are
-- longer, so that two workers with a slow Stripe do not take it from each other for ever. A time further ahead than twice the longest pause was
-- written by a machine whose clock is wrong: such an event is due.
UPDATE stripe_events SET status = 'processing', attempts = attempts + 1,
    next_attempt_at = CAST(:at AS timestamptz) + make_interval(secs => CAST(:lease_seconds AS float8) * 2 ^ least(attempts, 4))
WHERE event_id = (
    SELECT event_id FROM stripe_events
    WHERE (next_attempt_at <= :at OR next_attempt_at > CAST(:at AS timestamptz) + interval '6 hours') AND raw IS NOT NULL
    ORDER BY next_attempt_at, received_at, event_id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING event_id, type, source, raw, attempts, received_at;

-- name: count_delivery
-- The same event once more. One that failed runs again at once: somebody may have pressed Resend at Stripe.
UPDATE stripe_events SET
    deliveries = deliveries + 1,
    attempts = CASE WHEN status = 'dead' AND raw IS NOT NULL THEN 0 ELSE attempts END,
    next_attempt_at = CASE WHEN status IN ('failed', 'dead') AND raw IS NOT NULL THEN :at ELSE next_attempt_at END,
    status = CASE WHEN status = 'dead' AND raw IS NOT NULL THEN 'failed' ELSE status END
WHERE event_id = :event_id
RETURNING event_id, status;

-- name: event_body
SELECT raw FROM stripe_events WHERE event_id = :event_id;

-- name: events_about
-- The events of one id: their own, that of the object inside, or that of the workspace; newest first.
SELECT event_id, type, api_version, livemode, source, object_id, created, received_at, delivered_by, deliveries, sha256, status, attempts,
       next_attempt_at, finished_at, error, effect, workspace_id, purged_at
FROM stripe_events
WHERE (event_id = :text OR object_id = :text OR workspace_id = :text)
  AND (CAST(:status AS text) IS NULL OR status = :status)
  AND (CAST(:before AS text) IS NULL OR (received_at, event_id) < (
        SELECT received_at, event_id FROM stripe_events WHERE event_id = CAST(:before AS text)))
ORDER BY received_at DESC, event_id DESC
LIMIT :limit;

-- name: finish_event
-- Only the worker that still holds the event may finish it.
UPDATE stripe_events SET
    status = :status, effect = :effect, error = CAST(:error AS text), workspace_id = coalesce(CAST(:workspace_id AS text), workspace_id),
    next_attempt_at = CAST(:next_attempt_at AS timestamptz), finished_at = CAST(:finished_at AS timestamptz),
    waits_for = CAST(:waits_for AS text[])
WHERE event_id = :event_id AND status = 'processing' AND attempts = :attempts
RETURNING event_id;

-- name: inbox_state
SELECT count(*) FILTER (WHERE next_attempt_at IS NOT NULL) AS waiting,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'dead') AS dead,
       min(received_at) FILTER (WHERE status IN ('pending', 'processing')) AS oldest_waiting_at
FROM stripe_events WHERE next_attempt_at IS NOT NULL OR status = 'dead';

-- name: list_events
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

-- name: purge_events
-- Bodies hold names and addresses; ids, hash and effect stay. What still waits for work keeps its body.
UPDATE stripe_events SET raw = NULL, purged_at = :at
WHERE purged_at IS NULL AND received_at < :before AND next_attempt_at IS NULL;

-- name: replay_event
UPDATE stripe_events SET status = 'pending', attempts = 0, next_attempt_at = :at, finished_at = NULL, error = NULL
WHERE event_id = :event_id AND status IN ('done', 'ignored', 'failed', 'dead') AND raw IS NOT NULL
RETURNING event_id;

-- name: schedule_mark
SELECT mark FROM schedules WHERE name = :name;

-- name: seen_event
SELECT event_id, status FROM stripe_events WHERE event_id = :event_id;

-- name: set_schedule_mark
INSERT INTO schedules (name, started_at, mark) VALUES (:name, :at, :mark)
ON CONFLICT (name) DO UPDATE SET mark = EXCLUDED.mark;

-- name: store_event
-- No row comes back when the event is stored already.
INSERT INTO stripe_events
    (event_id, type, api_version, livemode, source, object_id, created, received_at, delivered_by, raw, sha256, status, next_attempt_at,
     finished_at, effect)
VALUES (:event_id, :type, :api_version, :livemode, :source, :object_id, :created, :at, :delivered_by, :raw, :sha256, :status,
        CASE WHEN :status = 'pending' THEN CAST(:at AS timestamptz) END,
        CASE WHEN :status = 'pending' THEN NULL ELSE CAST(:at AS timestamptz) END, :effect)
ON CONFLICT (event_id) DO NOTHING
RETURNING event_id, status;

-- name: wake_events
-- Events that wait for one of these ids run again from the start.
UPDATE stripe_events SET status = 'pending', attempts = 0, next_attempt_at = :at, finished_at = NULL, error = NULL, waits_for = NULL
WHERE waits_for && CAST(:ids AS text[]) AND status IN ('failed', 'dead') AND raw IS NOT NULL;

-- name: wake_known_events
-- The same for every event whose workspace, customer, subscription or price has become known in whatever way.
SELECT wake_known_events(:at);
