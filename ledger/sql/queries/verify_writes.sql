SELECT workspace_id, operation, key, entry_no, lot_id FROM writes WHERE workspace_id = ANY(:ids)
