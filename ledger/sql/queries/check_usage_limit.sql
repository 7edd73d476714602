SELECT * FROM check_usage_limit(:workspace_id, :minutes)
