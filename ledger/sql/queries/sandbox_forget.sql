-- Idempotency keys that are too old to be known are removed.
DELETE FROM sandbox_requests WHERE created < :before
