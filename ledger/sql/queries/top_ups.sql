-- name: customer_of_workspace
-- The newest customer of Stripe that belongs to a workspace.
SELECT object_id FROM payment_objects
WHERE workspace_id = :workspace_id AND kind = 'customer'
ORDER BY recorded_at DESC, object_id LIMIT 1;

-- name: auto_top_up
-- A row for every workspace there is; without settings, only its id.
SELECT w.workspace_id, t.package, t.trigger, t.monthly_limit_cents, t.enabled, t.declines, t.paused_reason, t.changed_at, t.changed_by
FROM workspaces w
LEFT JOIN auto_top_ups t ON t.workspace_id = w.workspace_id
WHERE w.workspace_id = :workspace_id;

-- name: auto_top_up_lock
SELECT workspace_id, package, trigger, monthly_limit_cents, enabled, declines, paused_reason, changed_at, changed_by
FROM auto_top_ups WHERE workspace_id = :workspace_id FOR UPDATE;

-- name: auto_top_up_save
-- A change of the settings clears declines and the pause: whoever changes them wants it to work again. Without a card it waits.
INSERT INTO auto_top_ups (workspace_id, package, trigger, monthly_limit_cents, enabled, paused_reason, changed_at, changed_by)
VALUES (:workspace_id, :package, :trigger, :monthly_limit_cents, :enabled, CAST(:paused_reason AS text), :at, :actor)
ON CONFLICT (workspace_id) DO UPDATE SET
    package = excluded.package, trigger = excluded.trigger, monthly_limit_cents = excluded.monthly_limit_cents,
    enabled = excluded.enabled, declines = 0, paused_reason = excluded.paused_reason,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by;

-- name: auto_top_up_note
UPDATE auto_top_ups SET declines = :declines, paused_reason = :paused_reason WHERE workspace_id = :workspace_id;

-- name: top_ups_due
-- Workspaces that reached their trigger in the present epoch, where nothing was done yet, or what stood in the way has
-- changed since: the settings, or the month whose limit was reached. One that waits for a card looks for it at each trigger.
SELECT DISTINCT a.workspace_id
FROM auto_top_ups a
JOIN workspaces w ON w.workspace_id = a.workspace_id
JOIN workspace_minutes m ON m.workspace_id = a.workspace_id
JOIN usage_alerts u ON u.workspace_id = a.workspace_id AND u.epoch = m.epoch
LEFT JOIN top_ups t ON t.workspace_id = a.workspace_id AND t.epoch = m.epoch
WHERE a.enabled AND (a.paused_reason IS NULL OR a.paused_reason = :no_card) AND w.source = ANY(CAST(:sources AS text[]))
  AND (u.kind = 'limit_hit' OR u.kind = 'used_' || a.trigger)
  AND (t.workspace_id IS NULL OR (t.purchase_id IS NULL AND t.at < a.changed_at)
       OR (t.outcome = 'over_limit' AND t.at < date_trunc('month', CAST(:at AS timestamptz), 'UTC')))
ORDER BY a.workspace_id
LIMIT :limit;

-- name: top_up_epoch
-- The present epoch if its trigger was reached and nothing was bought in it; no row when a credit came in between.
SELECT m.epoch
FROM workspace_minutes m
JOIN usage_alerts u ON u.workspace_id = m.workspace_id AND u.epoch = m.epoch
LEFT JOIN top_ups t ON t.workspace_id = m.workspace_id AND t.epoch = m.epoch
WHERE m.workspace_id = :workspace_id AND (u.kind = 'limit_hit' OR u.kind = 'used_' || CAST(:trigger AS text))
  AND t.purchase_id IS NULL
LIMIT 1;

-- name: top_up_add
INSERT INTO top_ups (workspace_id, epoch, purchase_id, outcome, detail, at, next_attempt_at)
VALUES (:workspace_id, :epoch, CAST(:purchase_id AS uuid), :outcome, :detail, :at, :next_attempt_at)
ON CONFLICT (workspace_id, epoch) DO UPDATE SET
    purchase_id = excluded.purchase_id, outcome = excluded.outcome, detail = excluded.detail, at = excluded.at,
    next_attempt_at = excluded.next_attempt_at
WHERE top_ups.purchase_id IS NULL;

-- name: top_up_settle
UPDATE top_ups SET outcome = :outcome, detail = :detail, next_attempt_at = :next_attempt_at
WHERE workspace_id = :workspace_id AND epoch = :epoch;

-- name: top_ups_to_mail
-- Payments that the customer must confirm and was not written to about; the demo company has no mailboxes.
SELECT t.workspace_id, t.epoch, p.package_name, p.minutes, p.amount_cents, p.currency
FROM top_ups t
JOIN workspaces w ON w.workspace_id = t.workspace_id AND w.source <> 'demo'
JOIN extra_minutes_purchases p ON p.workspace_id = t.workspace_id AND p.purchase_id = t.purchase_id
WHERE t.outcome = 'needs_confirmation' AND t.mailed_at IS NULL AND t.at > :since
ORDER BY t.at, t.workspace_id
LIMIT :limit;

-- name: top_up_mailed
UPDATE top_ups SET mailed_at = :at WHERE workspace_id = :workspace_id AND epoch = :epoch;

-- name: latest_top_ups
SELECT workspace_id, epoch, purchase_id, outcome, detail, at, next_attempt_at
FROM top_ups ORDER BY at DESC, workspace_id, epoch DESC LIMIT :limit;

-- name: top_ups_open
-- Charges that are not settled, due for another look; a time beyond the longest wait comes from a clock that was ahead.
SELECT t.workspace_id, t.epoch, t.purchase_id, t.outcome, t.detail, t.at, t.next_attempt_at
FROM top_ups t
JOIN workspaces w ON w.workspace_id = t.workspace_id
WHERE (t.next_attempt_at <= :at OR t.next_attempt_at > CAST(:at AS timestamptz) + interval '4 days')
  AND w.source = ANY(CAST(:sources AS text[]))
ORDER BY t.next_attempt_at, t.workspace_id
LIMIT :limit;

-- name: top_ups_of_workspace
SELECT workspace_id, epoch, purchase_id, outcome, detail, at, next_attempt_at
FROM top_ups WHERE workspace_id = :workspace_id ORDER BY at DESC, epoch DESC LIMIT :limit;

-- name: top_up_month_cents
-- What top-ups of the calendar month (UTC) have charged in a currency, or may still charge.
SELECT coalesce(sum(p.amount_cents), 0)::bigint
FROM top_ups t
JOIN extra_minutes_purchases p ON p.workspace_id = t.workspace_id AND p.purchase_id = t.purchase_id
WHERE t.workspace_id = :workspace_id AND p.status <> 'canceled' AND p.currency = :currency
  AND date_trunc('month', t.at, 'UTC') = date_trunc('month', CAST(:at AS timestamptz), 'UTC');
