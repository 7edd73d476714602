INSERT INTO workspace_minutes (workspace_id) VALUES (:workspace_id)
