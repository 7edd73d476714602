-- Events newest first, before a cursor; null `types`: all of them; null `delivered`: delivered or not.
SELECT raw FROM sandbox_events
WHERE (CAST(:types AS text[]) IS NULL OR type = ANY (CAST(:types AS text[])))
    AND (CAST(:delivered AS boolean) IS NULL OR CAST(:delivered AS boolean) = (delivered_at IS NOT NULL))
    AND created >= :gte AND created < :lt AND (created, event_no) < (:cursor_created, :cursor_no)
ORDER BY created DESC, event_no DESC
LIMIT :limit
