-- Remove one note of its author (of anybody, when no author is given).
DELETE FROM notes
WHERE workspace_id = :workspace_id AND note_id = :note_id AND (CAST(:author AS text) IS NULL OR author = CAST(:author AS text))
RETURNING text
