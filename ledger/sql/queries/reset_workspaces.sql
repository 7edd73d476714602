-- Books every period that is due by :at for these workspaces.
SELECT count(reset_monthly_minutes(w.workspace_id, :at)) FROM unnest(CAST(:workspace_ids AS text[])) AS w (workspace_id)
