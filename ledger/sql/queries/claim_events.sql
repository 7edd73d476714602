-- Events that are due, each for one worker; when that worker dies they are due again at the end of its lease.
UPDATE stripe_events SET status = 'processing', attempts = attempts + 1, next_attempt_at = :lease_ends
WHERE event_id IN (
    SELECT event_id FROM stripe_events WHERE next_attempt_at <= :at AND raw IS NOT NULL
    ORDER BY next_attempt_at, received_at, event_id LIMIT :limit FOR UPDATE SKIP LOCKED)
RETURNING event_id, type, source, raw, attempts, received_at;
