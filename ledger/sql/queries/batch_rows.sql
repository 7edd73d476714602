-- Rows of one make-good, in one state or all.
SELECT row_no, workspace_id, minutes, state, problem, lot_id, undone_minutes
FROM grant_batch_rows
WHERE batch_id = :batch_id AND (CAST(:state AS text) IS NULL OR state = CAST(:state AS text))
ORDER BY row_no
LIMIT :limit
