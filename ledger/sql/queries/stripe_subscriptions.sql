SELECT workspace_id, subscription_id, customer, price_id, plan, billing_cycle, status, cancel_at_period_end, current_period_end,
       ended_at, synced_at
FROM stripe_subscriptions WHERE workspace_id = :workspace_id ORDER BY synced_at DESC, subscription_id;
