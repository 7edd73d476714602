-- True while Stripe pays the plan of this workspace and no other running subscription does.
SELECT w.managed_by = 'stripe' AND NOT EXISTS (
    SELECT 1 FROM stripe_subscriptions o
    WHERE o.workspace_id = :workspace_id AND o.subscription_id <> :subscription_id
      AND o.status IN ('trialing', 'active', 'past_due', 'unpaid', 'paused'))
FROM workspace_minutes w WHERE w.workspace_id = :workspace_id AND w.managed_by IS NOT NULL;
