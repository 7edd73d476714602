-- Begin a request: its idempotency key is claimed (a second one waits here for the first), the state comes along.
WITH claim AS (
    INSERT INTO sandbox_requests AS r (key, fingerprint, created)
    SELECT CAST(:key AS text), CAST(:fingerprint AS text), CAST(:clock AS bigint) + s.ahead_seconds
    FROM sandbox_state AS s
    WHERE CAST(:key AS text) IS NOT NULL
    ON CONFLICT (key) DO UPDATE
        SET fingerprint = EXCLUDED.fingerprint, created = EXCLUDED.created, status = NULL, answer = NULL
        WHERE EXCLUDED.created - r.created > CAST(:lifetime AS bigint)
    RETURNING key
)
SELECT s.ahead_seconds, s.faults, (SELECT count(*) FROM claim) = 1 AS claimed
FROM sandbox_state AS s
