-- Bodies hold names and addresses; ids, hash and effect stay. What still waits for work keeps its body.
UPDATE stripe_events SET raw = NULL, purged_at = :at
WHERE purged_at IS NULL AND received_at < :before AND next_attempt_at IS NULL;
