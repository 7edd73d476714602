SELECT workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes FROM crossings WHERE workspace_id = ANY(:ids)
