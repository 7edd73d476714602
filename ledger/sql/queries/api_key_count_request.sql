-- One more request in a minute; no row comes back when the minute is full.
INSERT INTO api_key_windows AS w (key_id, started_at, requests)
VALUES (:key_id, :started_at, 1)
ON CONFLICT (key_id) DO UPDATE
SET started_at = EXCLUDED.started_at, requests = CASE WHEN w.started_at < EXCLUDED.started_at THEN 1 ELSE w.requests + 1 END
WHERE w.started_at < EXCLUDED.started_at OR w.requests < :most
RETURNING requests
