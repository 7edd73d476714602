SELECT count(*) FILTER (WHERE next_attempt_at IS NOT NULL) AS waiting,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'dead') AS dead,
       min(received_at) FILTER (WHERE status IN ('pending', 'processing')) AS oldest_waiting_at
FROM stripe_events WHERE next_attempt_at IS NOT NULL OR status = 'dead';
