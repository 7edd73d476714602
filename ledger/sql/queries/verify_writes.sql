SELECT workspace_id, operation, key, entry_no FROM writes WHERE workspace_id = ANY(:ids)
