INSERT INTO writes (workspace_id, operation, key, body, entry_no, lot_id)
VALUES (:workspace_id, :operation, :key, CAST(:body AS jsonb), :entry_no, :lot_id)
