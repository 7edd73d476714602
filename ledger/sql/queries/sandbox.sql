-- name: sandbox_answer
SELECT fingerprint, status, answer FROM sandbox_requests WHERE key = :key;

-- name: sandbox_cursor
SELECT created, object_no AS no FROM sandbox_objects WHERE id = :id;

-- name: sandbox_delivered
UPDATE sandbox_events SET due = NULL, delivered_at = :at WHERE id = ANY (CAST(:ids AS text[]));

-- name: sandbox_due
-- The next object to which something happens by itself.
SELECT id, object, due FROM sandbox_objects WHERE due <= :now ORDER BY due, object_no LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: sandbox_event
SELECT raw FROM sandbox_events WHERE id = :id;

-- name: sandbox_event_cursor
SELECT created, event_no AS no FROM sandbox_events WHERE id = :id;

-- name: sandbox_events
-- Events newest first, before a cursor; null `types`: all of them; null `delivered`: delivered or not.
SELECT raw FROM sandbox_events
WHERE (CAST(:types AS text[]) IS NULL OR type = ANY (CAST(:types AS text[])))
    AND (CAST(:delivered AS boolean) IS NULL OR CAST(:delivered AS boolean) = (delivered_at IS NOT NULL))
    AND created >= :gte AND created < :lt AND (created, event_no) < (:cursor_created, :cursor_no)
ORDER BY created DESC, event_no DESC
LIMIT :limit;

-- name: sandbox_flush
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
UPDATE sandbox_requests SET status = :status, answer = CAST(:answer AS jsonb) WHERE key = :key;

-- name: sandbox_forget
-- Idempotency keys that are too old to be known are removed.
DELETE FROM sandbox_requests WHERE created < :before;

-- name: sandbox_list
-- Objects of one kind, newest first, before a cursor.
SELECT id, body, due FROM sandbox_objects
WHERE object = :object AND body @> CAST(:match AS jsonb)
    AND created >= :gte AND created < :lt AND (created, object_no) < (:cursor_created, :cursor_no)
ORDER BY created DESC, object_no DESC
LIMIT :limit;

-- name: sandbox_list_linked
-- Objects of one kind that hang on another one, newest first, before a cursor.
SELECT id, body, due FROM sandbox_objects
WHERE link = :link AND object = :object AND body @> CAST(:match AS jsonb)
    AND created >= :gte AND created < :lt AND (created, object_no) < (:cursor_created, :cursor_no)
ORDER BY created DESC, object_no DESC
LIMIT :limit;

-- name: sandbox_load
SELECT body, due FROM sandbox_objects WHERE id = :id;

-- name: sandbox_load_many
SELECT id, body, due FROM sandbox_objects WHERE id = ANY (CAST(:ids AS text[]));

-- name: sandbox_lock
SELECT body, due FROM sandbox_objects WHERE id = :id FOR UPDATE;

-- name: sandbox_open
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
FROM sandbox_state AS s;

-- name: sandbox_secret
-- The secret of this sandbox, made by whoever comes first.
WITH made AS (
    INSERT INTO sandbox_state (webhook_secret) VALUES (:candidate) ON CONFLICT (one_row) DO NOTHING RETURNING webhook_secret
)
SELECT webhook_secret FROM made UNION ALL SELECT webhook_secret FROM sandbox_state LIMIT 1;

-- name: sandbox_set_ahead
UPDATE sandbox_state SET ahead_seconds = :ahead_seconds;

-- name: sandbox_set_faults
UPDATE sandbox_state SET faults = CAST(:faults AS jsonb);

-- name: sandbox_take_deliveries
-- Take what is due for delivery; `again_at` is when somebody else may take it, should this process die.
UPDATE sandbox_events AS e SET due = :again_at, attempts = e.attempts + 1
FROM (
    SELECT id FROM sandbox_events WHERE due <= :now ORDER BY due, event_no LIMIT :limit FOR UPDATE SKIP LOCKED
) AS taken
WHERE e.id = taken.id
RETURNING e.id, e.event_no, e.raw, e.attempts;
