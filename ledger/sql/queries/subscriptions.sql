-- name: add_stripe_subscription
INSERT INTO stripe_subscriptions (workspace_id, subscription_id, status, synced_at)
VALUES (:workspace_id, :subscription_id, 'unknown', :at)
ON CONFLICT (workspace_id, subscription_id) DO NOTHING;

-- name: billing_start
-- When a person has let paid periods begin to count; else the opening balance, and whether the first day brought minutes.
SELECT (SELECT k.starts_at FROM stripe_links k WHERE k.workspace_id = w.workspace_id) AS chosen_at,
       -- An imported balance of plan minutes stands at the beginning of the period that it includes.
       (SELECT max(e.at + CASE WHEN e.kind = 'allocation' THEN interval '1 day' ELSE interval '0' END) FROM entries e
        WHERE e.workspace_id = w.workspace_id AND e.kind IN ('grant', 'allocation') AND e.actor <> 'stripe'
          AND (e.key LIKE 'opening%' OR e.reason ILIKE 'opening%' OR e.reference ILIKE 'opening%')) AS opening_at,
       EXISTS (
           SELECT 1 FROM entries e
           WHERE e.workspace_id = w.workspace_id AND e.kind IN ('grant', 'allocation') AND e.actor <> 'stripe'
             AND e.at <= w.created_at + interval '1 day') AS began_with_minutes
FROM workspaces w WHERE w.workspace_id = :workspace_id;

-- name: choose_billing_start
INSERT INTO stripe_links (workspace_id, starts_at, chosen_by, chosen_at) VALUES (:workspace_id, :starts_at, :actor, :at)
ON CONFLICT (workspace_id) DO UPDATE SET starts_at = EXCLUDED.starts_at, chosen_by = EXCLUDED.chosen_by, chosen_at = EXCLUDED.chosen_at;

-- name: link_payment_object
INSERT INTO payment_objects (object_id, kind, workspace_id, linked_by) VALUES (:object_id, :kind, :workspace_id, :linked_by)
ON CONFLICT (object_id) DO NOTHING;

-- name: living_subscriptions
-- Subscriptions of a workspace that go on, the highest paid plan first.
SELECT s.subscription_id, s.paid_plan, s.paid_cycle, s.paid_minutes, s.paid_from, s.paid_until, s.renewal_attempt_at, p.minutes AS month_minutes
FROM stripe_subscriptions s LEFT JOIN plans p ON p.plan = s.paid_plan
WHERE s.workspace_id = :workspace_id AND s.status IN ('trialing', 'active', 'past_due', 'unpaid', 'paused')
ORDER BY p.minutes DESC NULLS LAST, s.paid_cycle, s.paid_until DESC, s.subscription_id;

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
    cancel_at_period_end = :cancel_at_period_end, cancel_at = :cancel_at, paused = :paused,
    current_period_end = :current_period_end, ended_at = :ended_at, synced_at = :at,
    paid_plan = :paid_plan, paid_cycle = :paid_cycle, paid_minutes = :paid_minutes, paid_from = :paid_from, paid_until = :paid_until,
    renewal_attempt_at = CAST(:renewal_attempt_at AS timestamptz)
WHERE workspace_id = :workspace_id AND subscription_id = :subscription_id;

-- name: stripe_subscriptions
SELECT workspace_id, subscription_id, customer, price_id, plan, billing_cycle, status, cancel_at_period_end, cancel_at, paused,
       current_period_end, ended_at, synced_at
FROM stripe_subscriptions WHERE workspace_id = :workspace_id ORDER BY synced_at DESC, subscription_id;

-- name: stripe_links_of
-- Each customer and subscription, and the start that a person chose; the start alone where nothing is linked.
SELECT p.object_id, p.kind, k.starts_at
FROM (
    SELECT o.workspace_id, o.object_id, o.kind, o.recorded_at FROM payment_objects o
    WHERE o.workspace_id = :workspace_id AND o.kind IN ('customer', 'subscription')
) p
FULL JOIN (SELECT s.workspace_id, s.starts_at FROM stripe_links s WHERE s.workspace_id = :workspace_id) k USING (workspace_id)
ORDER BY p.recorded_at, p.object_id;
