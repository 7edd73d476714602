-- name: add_stripe_subscription
INSERT INTO stripe_subscriptions (workspace_id, subscription_id, status, synced_at)
VALUES (:workspace_id, :subscription_id, 'unknown', :at)
ON CONFLICT (workspace_id, subscription_id) DO NOTHING;

-- name: lock_stripe_subscription
SELECT subscription_id FROM stripe_subscriptions
WHERE workspace_id = :workspace_id AND subscription_id = :subscription_id FOR UPDATE;

-- name: plan_hangs_on_subscription
-- True while Stripe pays the plan of this workspace and no other running subscription does.
SELECT w.managed_by = 'stripe' AND NOT EXISTS (
    SELECT 1 FROM stripe_subscriptions o
    WHERE o.workspace_id = :workspace_id AND o.subscription_id <> :subscription_id
      AND o.status IN ('trialing', 'active', 'past_due', 'unpaid', 'paused'))
FROM workspace_minutes w WHERE w.workspace_id = :workspace_id AND w.managed_by IS NOT NULL;

-- name: save_stripe_subscription
UPDATE stripe_subscriptions SET
    customer = :customer, price_id = :price_id, plan = :plan, billing_cycle = :billing_cycle, status = :status,
    cancel_at_period_end = :cancel_at_period_end, current_period_end = :current_period_end, ended_at = :ended_at, synced_at = :at
WHERE workspace_id = :workspace_id AND subscription_id = :subscription_id;

-- name: stripe_subscriptions
SELECT workspace_id, subscription_id, customer, price_id, plan, billing_cycle, status, cancel_at_period_end, current_period_end,
       ended_at, synced_at
FROM stripe_subscriptions WHERE workspace_id = :workspace_id ORDER BY synced_at DESC, subscription_id;
