-- name: usage_alert
-- One warning.
SELECT workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes, delivery, attempts, next_attempt_at, delivered_at,
       last_error
FROM usage_alerts
WHERE workspace_id = :workspace_id AND epoch = :epoch AND kind = :kind;

-- name: usage_alert_replay
UPDATE usage_alerts SET delivery = 'pending', attempts = 0, next_attempt_at = :at
WHERE workspace_id = :workspace_id AND epoch = :epoch AND kind = :kind;

-- name: usage_alert_settle
-- How a delivery ended, unless a replay was requested meanwhile.
UPDATE usage_alerts
SET delivery = :delivery, next_attempt_at = :next_attempt_at, delivered_at = :delivered_at, last_error = :last_error
WHERE workspace_id = :workspace_id AND epoch = :epoch AND kind = :kind AND delivery = 'pending' AND attempts = :attempts;

-- name: usage_alerts
-- The outbox, newest first.
SELECT workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes, delivery, attempts, next_attempt_at, delivered_at,
       last_error
FROM usage_alerts
WHERE (CAST(:delivery AS text) IS NULL OR delivery = :delivery)
  AND (CAST(:workspace_id AS text) IS NULL OR workspace_id = :workspace_id)
  AND (CAST(:before_at AS timestamptz) IS NULL
       OR (recorded_at, workspace_id, epoch, kind) < (:before_at, :before_workspace_id, CAST(:before_epoch AS bigint), :before_kind))
ORDER BY recorded_at DESC, workspace_id DESC, epoch DESC, kind DESC
LIMIT :limit;

-- name: usage_alerts_claim
-- Takes what is due for one sender, for a while. The state is checked again in the outer WHERE: each row goes to one sender.
UPDATE usage_alerts c SET attempts = c.attempts + 1, next_attempt_at = :until
WHERE c.delivery = 'pending' AND c.next_attempt_at <= :at
  AND (c.workspace_id, c.epoch, c.kind) IN (
    SELECT d.workspace_id, d.epoch, d.kind
    FROM usage_alerts d
    WHERE d.delivery = 'pending' AND d.next_attempt_at <= :at
    ORDER BY d.next_attempt_at
    LIMIT :limit
  )
RETURNING workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes, delivery, attempts, next_attempt_at, delivered_at,
          last_error;

-- name: usage_alerts_skip
-- What was crossed while nobody was listening is not sent when somebody begins to.
UPDATE usage_alerts SET delivery = 'off' WHERE delivery = 'pending' AND recorded_at < :at;

-- name: usage_alerts_waiting
-- How many warnings wait and how many were given up.
SELECT (SELECT count(*) FROM (SELECT FROM usage_alerts WHERE delivery = 'pending' LIMIT :most) p) AS pending,
       (SELECT count(*) FROM (SELECT FROM usage_alerts WHERE delivery = 'dead' LIMIT :most) d) AS dead;

-- name: warning_endpoint
SELECT url, secret, enabled, sends_plan_exhausted, changed_at, changed_by FROM warning_endpoint;

-- name: warning_endpoint_save
INSERT INTO warning_endpoint (url, secret, enabled, sends_plan_exhausted, changed_at, changed_by)
VALUES (:url, :secret, :enabled, :sends_plan_exhausted, :at, :actor)
ON CONFLICT (singleton) DO UPDATE
SET url = EXCLUDED.url, secret = EXCLUDED.secret, enabled = EXCLUDED.enabled,
    sends_plan_exhausted = EXCLUDED.sends_plan_exhausted, changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by;
