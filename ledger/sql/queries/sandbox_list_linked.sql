-- Objects of one kind that hang on another one, newest first, before a cursor.
SELECT id, body, due FROM sandbox_objects
WHERE link = :link AND object = :object AND body @> CAST(:match AS jsonb)
    AND created >= :gte AND created < :lt AND (created, object_no) < (:cursor_created, :cursor_no)
ORDER BY created DESC, object_no DESC
LIMIT :limit
