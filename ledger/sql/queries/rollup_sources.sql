SELECT DISTINCT w.source FROM rollup_work r JOIN workspaces w ON w.workspace_id = r.workspace_id ORDER BY 1
