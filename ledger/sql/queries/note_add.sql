-- One more note on a workspace; the same note id again changes nothing.
INSERT INTO notes (workspace_id, note_id, text, author, at)
VALUES (:workspace_id, :note_id, :text, :author, :at)
ON CONFLICT (workspace_id, note_id) DO NOTHING
