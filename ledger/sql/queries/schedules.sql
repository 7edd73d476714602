-- name: applied_migrations
SELECT version FROM schema_migrations;

-- name: claim_schedule
-- No row comes back before a schedule is due again. One that claims to have begun in the future is due: that clock was wrong.
INSERT INTO schedules (name, started_at) VALUES (:name, :at)
ON CONFLICT (name) DO UPDATE SET started_at = EXCLUDED.started_at
WHERE schedules.started_at <= :before OR schedules.started_at > :future
RETURNING name;

-- name: database_clock
SELECT clock_timestamp();

-- name: finish_schedule
UPDATE schedules SET finished_at = :at, error = CAST(:error AS text),
    succeeded_at = CASE WHEN CAST(:error AS text) IS NULL THEN :at ELSE succeeded_at END
WHERE name = :name;

-- name: lease_schedule
SELECT pg_try_advisory_lock(hashtextextended(:name, 11));

-- name: list_schedules
SELECT name, started_at, finished_at, succeeded_at, error, mark FROM schedules ORDER BY name;

-- name: release_schedule
SELECT pg_advisory_unlock(hashtextextended(:name, 11));

-- name: worker_lag
-- Seconds since the oldest thing that waits for the worker arrived or became due; 0 when nothing waits.
-- An event at work counts from its receipt, later attempts from their claim: a worker that died with it in hand shows at once.
SELECT greatest(0, extract(epoch FROM CAST(:at AS timestamptz) - least(
    (SELECT min(CASE WHEN attempts = 1 THEN received_at
                     ELSE next_attempt_at - make_interval(secs => 30 * 2 ^ least(attempts - 1, 4)) END)
     FROM stripe_events WHERE next_attempt_at IS NOT NULL AND status = 'processing'),
    (SELECT min(next_attempt_at) FROM stripe_events),
    (SELECT greatest(d.next_attempt_at, o.recorded_at)
     FROM event_deliveries d
     JOIN outgoing_events o ON o.workspace_id = d.workspace_id AND o.event_no = d.event_no
     WHERE d.state = 'pending' AND d.next_attempt_at <= :at
       AND NOT EXISTS (SELECT 1 FROM event_deliveries b
                       WHERE b.workspace_id = d.workspace_id AND b.endpoint_id = d.endpoint_id AND b.event_no < d.event_no
                         AND b.state = 'pending')
     ORDER BY d.next_attempt_at LIMIT 1),
    CAST(:at AS timestamptz)
)));

-- name: public_tables
SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE';

-- name: may_become_owner
-- Whether the login of this session has the rights of the owner, whatever role it has taken.
SELECT pg_has_role(session_user, relowner, 'MEMBER') FROM pg_class WHERE oid = 'entries'::regclass;

-- name: figures_of_operation
-- What Prometheus reads beside the requests; counted up to 10,000.
SELECT (SELECT count(*) FROM (SELECT 1 FROM stripe_events WHERE status = 'dead' LIMIT 10000) e) AS stripe_events_dead,
       (SELECT count(*) FROM (SELECT 1 FROM event_deliveries WHERE state = 'pending' LIMIT 10000) p) AS event_deliveries_pending,
       (SELECT count(*) FROM (SELECT 1 FROM event_deliveries WHERE state = 'dead' LIMIT 10000) d) AS event_deliveries_dead,
       (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL) AS api_keys,
       (SELECT count(*) FROM (SELECT error FROM restore_drills ORDER BY drill_no DESC LIMIT 1) d WHERE error IS NOT NULL)
           AS restore_drill_failed,
       coalesce((SELECT extract(epoch FROM CAST(:at AS timestamptz) - max(at)) FROM restore_drills WHERE error IS NULL), -1)
           AS restore_drill_age_seconds;
