SELECT reset_monthly_minutes(:workspace_id, :at)
