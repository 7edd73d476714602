-- Begin a request: its idempotency key is claimed (a second one waits here for the first), the state comes along.
WITH claim AS (
    INSERT INTO sandbox_requests (key, fingerprint)
    SELECT CAST(:key AS text), CAST(:fingerprint AS text)
    WHERE CAST(:key AS text) IS NOT NULL
    ON CONFLICT (key) DO NOTHING
    RETURNING key
)
SELECT s.ahead_seconds, s.faults, (SELECT count(*) FROM claim) = 1 AS claimed
FROM sandbox_state AS s
