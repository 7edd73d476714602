-- The secret of this sandbox, made by whoever comes first.
WITH made AS (
    INSERT INTO sandbox_state (webhook_secret) VALUES (:candidate) ON CONFLICT (one_row) DO NOTHING RETURNING webhook_secret
)
SELECT webhook_secret FROM made UNION ALL SELECT webhook_secret FROM sandbox_state LIMIT 1
