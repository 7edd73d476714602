INSERT INTO stripe_subscriptions (workspace_id, subscription_id, status, synced_at)
VALUES (:workspace_id, :subscription_id, 'unknown', :at)
ON CONFLICT (workspace_id, subscription_id) DO NOTHING;
