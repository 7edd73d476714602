-- Remember that somebody opened a workspace just now.
INSERT INTO opened_workspaces (operator, workspace_id, opened_at)
VALUES (:operator, :workspace_id, :at)
ON CONFLICT (operator, workspace_id) DO UPDATE SET opened_at = EXCLUDED.opened_at
