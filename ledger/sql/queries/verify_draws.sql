SELECT workspace_id, entry_no, lot_id, minutes FROM draws WHERE workspace_id = ANY(:ids)
