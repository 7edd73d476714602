-- name: applied_migrations
SELECT version FROM schema_migrations;

-- name: claim_schedule
-- One of several workers runs a schedule; no row comes back for the others, nor before it is due again.
INSERT INTO schedules (name, started_at) VALUES (:name, :at)
ON CONFLICT (name) DO UPDATE SET started_at = EXCLUDED.started_at WHERE schedules.started_at <= :before
RETURNING name;

-- name: finish_schedule
UPDATE schedules SET finished_at = :at, error = CAST(:error AS text),
    succeeded_at = CASE WHEN CAST(:error AS text) IS NULL THEN :at ELSE succeeded_at END
WHERE name = :name;

-- name: list_schedules
SELECT name, started_at, finished_at, succeeded_at, error, mark FROM schedules ORDER BY name;

-- name: worker_lag
-- Seconds since the oldest thing that waits for the worker became due; 0 when nothing waits.
SELECT greatest(0, extract(epoch FROM CAST(:at AS timestamptz) - least(
    (SELECT min(next_attempt_at) FROM stripe_events),
    (SELECT min(c.next_attempt_at) FROM usage_alerts c WHERE c.delivery = 'pending'
        AND EXISTS (SELECT FROM warning_endpoint e WHERE e.enabled)),
    CAST(:at AS timestamptz)
)));
