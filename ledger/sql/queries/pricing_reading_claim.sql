-- The next reading that nobody has begun, or whose worker has gone; one of several workers gets it.
UPDATE pricing_readings SET begun_at = :at, share = 0
WHERE (source, up_to) = (
    SELECT source, up_to FROM pricing_readings
    WHERE ended_at IS NULL AND (begun_at IS NULL OR begun_at < :given_up)
    ORDER BY wanted_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING source, nullif(up_to, 'infinity') AS up_to;
