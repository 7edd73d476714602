DELETE FROM workspace_days d USING rollup_work r WHERE r.workspace_id = d.workspace_id
