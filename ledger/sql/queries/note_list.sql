-- The notes of a workspace, newest first.
SELECT note_id, text, author, at
FROM notes
WHERE workspace_id = :workspace_id
ORDER BY at DESC, note_id
