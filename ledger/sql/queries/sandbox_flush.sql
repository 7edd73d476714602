-- End a request: objects, events and the answer to its idempotency key in one statement.
WITH objects AS (
    INSERT INTO sandbox_objects (id, object, created, link, due, body)
    SELECT o.id, o.object, o.created, o.link, o.due, CAST(o.body AS jsonb)
    FROM unnest(
        CAST(:ids AS text[]), CAST(:objects AS text[]), CAST(:created AS bigint[]),
        CAST(:links AS text[]), CAST(:dues AS bigint[]), CAST(:bodies AS text[])
    ) WITH ORDINALITY AS o (id, object, created, link, due, body, place)
    ORDER BY o.place
    ON CONFLICT (id) DO UPDATE SET link = EXCLUDED.link, due = EXCLUDED.due, body = EXCLUDED.body
), events AS (
    INSERT INTO sandbox_events (id, type, created, raw, due)
    SELECT e.id, e.type, e.created, e.raw, e.due
    FROM unnest(
        CAST(:event_ids AS text[]), CAST(:types AS text[]), CAST(:event_created AS bigint[]),
        CAST(:raws AS text[]), CAST(:event_dues AS bigint[])
    ) WITH ORDINALITY AS e (id, type, created, raw, due, place)
    ORDER BY e.place
)
UPDATE sandbox_requests SET status = :status, answer = CAST(:answer AS jsonb) WHERE key = :key
