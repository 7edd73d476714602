-- Take what is due for delivery; `again_at` is when somebody else may take it, should this process die.
UPDATE sandbox_events AS e SET due = :again_at, attempts = e.attempts + 1
FROM (
    SELECT id FROM sandbox_events WHERE due <= :now ORDER BY due, event_no LIMIT :limit FOR UPDATE SKIP LOCKED
) AS taken
WHERE e.id = taken.id
RETURNING e.id, e.event_no, e.raw, e.attempts
