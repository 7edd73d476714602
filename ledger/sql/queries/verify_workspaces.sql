-- The next workspaces to verify, in order of their ids.
SELECT workspace_id FROM workspaces WHERE workspace_id > :after ORDER BY workspace_id LIMIT :limit
