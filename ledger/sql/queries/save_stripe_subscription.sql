UPDATE stripe_subscriptions SET
    customer = :customer, price_id = :price_id, plan = :plan, billing_cycle = :billing_cycle, status = :status,
    cancel_at_period_end = :cancel_at_period_end, current_period_end = :current_period_end, ended_at = :ended_at, synced_at = :at
WHERE workspace_id = :workspace_id AND subscription_id = :subscription_id;
