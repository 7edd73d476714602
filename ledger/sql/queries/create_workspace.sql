INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at)
VALUES (:workspace_id, :name, :owner_email, :source, :actor, :at)
ON CONFLICT (workspace_id) DO NOTHING
RETURNING workspace_id
