SELECT * FROM workspace_minutes WHERE workspace_id = ANY(:ids)
