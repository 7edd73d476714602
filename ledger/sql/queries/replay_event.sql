UPDATE stripe_events SET status = 'pending', attempts = 0, next_attempt_at = :at, finished_at = NULL, error = NULL
WHERE event_id = :event_id AND status IN ('done', 'ignored', 'failed', 'dead') AND raw IS NOT NULL
RETURNING event_id;
