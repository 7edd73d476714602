SELECT body, entry_no, lot_id FROM writes WHERE workspace_id = :workspace_id AND operation = :operation AND key = :key
