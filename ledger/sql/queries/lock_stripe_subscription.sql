SELECT subscription_id FROM stripe_subscriptions
WHERE workspace_id = :workspace_id AND subscription_id = :subscription_id FOR UPDATE;
