SELECT workspace_id, subscription_no, plan, billing_cycle, managed_by, started_at, ended_at FROM subscriptions
WHERE workspace_id = ANY(:ids) ORDER BY workspace_id, subscription_no
