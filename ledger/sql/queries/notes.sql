-- name: note_add
-- One more note on a workspace; the same note id again changes nothing.
INSERT INTO notes (workspace_id, note_id, text, author, at)
VALUES (:workspace_id, :note_id, :text, :author, :at)
ON CONFLICT (workspace_id, note_id) DO NOTHING;

-- name: note_list
-- The notes of a workspace, newest first.
SELECT note_id, text, author, at
FROM notes
WHERE workspace_id = :workspace_id
ORDER BY at DESC, note_id;

-- name: note_remove
-- Remove one note of its author (of anybody, when no author is given).
DELETE FROM notes
WHERE workspace_id = :workspace_id AND note_id = :note_id AND (CAST(:author AS text) IS NULL OR author = CAST(:author AS text))
RETURNING text;

-- name: opened_add
-- Remember that somebody opened a workspace just now.
INSERT INTO opened_workspaces (operator, workspace_id, opened_at)
VALUES (:operator, :workspace_id, :at)
ON CONFLICT (operator, workspace_id) DO UPDATE SET opened_at = EXCLUDED.opened_at;

-- name: opened_list
-- What somebody pinned, then what they opened last.
SELECT o.workspace_id, w.name, o.opened_at, o.pinned_at IS NOT NULL AS pinned
FROM opened_workspaces o
JOIN workspaces w ON w.workspace_id = o.workspace_id
WHERE o.operator = :operator
ORDER BY o.pinned_at IS NULL, o.opened_at DESC
LIMIT :limit;

-- name: opened_pin
-- Pin a workspace for somebody, or unpin it (no time).
INSERT INTO opened_workspaces (operator, workspace_id, opened_at, pinned_at)
VALUES (:operator, :workspace_id, :at, :pinned_at)
ON CONFLICT (operator, workspace_id) DO UPDATE SET pinned_at = EXCLUDED.pinned_at;
