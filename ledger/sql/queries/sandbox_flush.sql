-- End a request: objects, events and the answer to its idempotency key in one statement.
WITH objects AS (
    INSERT INTO sandbox_objects (id, object, created, link, due, body)
    SELECT o.id, o.object, o.created, o.link, o.due, o.body
    FROM ROWS FROM (
        json_to_recordset(CAST(:objects AS json))
            AS (id text, object text, created bigint, link text, due bigint, body jsonb)
    ) WITH ORDINALITY AS o (id, object, created, link, due, body, place)
    ORDER BY o.place
    ON CONFLICT (id) DO UPDATE SET link = EXCLUDED.link, due = EXCLUDED.due, body = EXCLUDED.body
), events AS (
    INSERT INTO sandbox_events (id, type, created, raw, due)
    SELECT e.id, e.type, e.created, e.raw, e.due
    FROM ROWS FROM (
        json_to_recordset(CAST(:events AS json)) AS (id text, type text, created bigint, raw text, due bigint)
    ) WITH ORDINALITY AS e (id, type, created, raw, due, place)
    ORDER BY e.place
)
UPDATE sandbox_requests SET status = :status, answer = CAST(:answer AS jsonb) WHERE key = :key
