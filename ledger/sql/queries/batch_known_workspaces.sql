-- Which of these workspaces exist.
SELECT workspace_id FROM workspaces WHERE workspace_id = ANY (CAST(:workspace_ids AS text[]))
