SELECT (lock_workspace(:workspace_id)).entry_no
