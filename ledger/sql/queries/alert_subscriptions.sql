-- name: alert_subscription_add
INSERT INTO alert_subscriptions
    (alert_id, kind, source, metric, days, direction, threshold, page, query, every, channel, target, secret, created_by, created_at,
     approval_id)
VALUES (:alert_id, :kind, :source, CAST(:metric AS text), CAST(:days AS integer), CAST(:direction AS text),
        CAST(:threshold AS numeric), CAST(:page AS text), CAST(:query AS text), CAST(:every AS text), :channel, :target, :secret, :actor, :at,
        CAST(:approval_id AS uuid))
ON CONFLICT (alert_id) DO NOTHING
RETURNING secret;

-- name: alert_subscription_lock
-- Returns from when to read usage alerts: an hour before the last check, for bookings that were still under way.
SELECT created_at, greatest(created_at, checked_at - interval '1 hour') AS since FROM alert_subscriptions
WHERE alert_id = :alert_id AND stopped_at IS NULL AND (approval_id IS NULL OR approved_by IS NOT NULL) FOR UPDATE;

-- name: alert_subscription_approve
-- What happened while it waited is not sent afterwards.
UPDATE alert_subscriptions SET approved_by = :actor, checked_at = :at WHERE approval_id = :approval_id AND stopped_at IS NULL
RETURNING target;

-- name: alert_subscription_checked
UPDATE alert_subscriptions SET checked_at = :at WHERE alert_id = :alert_id;

-- name: alert_subscription_stop
UPDATE alert_subscriptions SET stopped_at = :at
WHERE alert_id = :alert_id AND kind = ANY(CAST(:kinds AS text[])) AND stopped_at IS NULL
  AND (CAST(:created_by AS text) IS NULL OR created_by = :created_by);

-- name: alert_subscriptions
-- Subscriptions to usage and payment alerts with their last message.
SELECT s.alert_id, s.kind, s.source, s.channel, s.target, s.secret, s.created_by, s.created_at,
       m.at AS sent_at, m.delivered_at, m.error, u.undelivered
FROM alert_subscriptions s
LEFT JOIN LATERAL (
    SELECT m.at, m.delivered_at, m.error FROM alert_messages m
    WHERE m.alert_id = s.alert_id AND m.currency = '' ORDER BY m.at DESC LIMIT 1) m ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS undelivered FROM alert_messages m WHERE m.alert_id = s.alert_id AND m.delivered_at IS NULL) u
WHERE s.kind IN ('usage', 'payment') AND s.stopped_at IS NULL AND (s.approval_id IS NULL OR s.approved_by IS NOT NULL)
ORDER BY s.created_at DESC, s.alert_id;

-- name: report_subscriptions
-- Subscriptions to reports with their last message; null `created_by`: of everybody.
SELECT s.alert_id, s.source, s.page, s.query, s.every, s.channel, s.target, s.secret, s.created_by, s.created_at,
       m.at AS sent_at, m.delivered_at, m.error
FROM alert_subscriptions s
LEFT JOIN LATERAL (
    SELECT m.at, m.delivered_at, m.error FROM alert_messages m WHERE m.alert_id = s.alert_id ORDER BY m.at DESC LIMIT 1) m ON true
WHERE s.kind = 'report' AND s.stopped_at IS NULL AND (s.approval_id IS NULL OR s.approved_by IS NOT NULL) AND (CAST(:created_by AS text) IS NULL OR s.created_by = :created_by)
ORDER BY s.created_at DESC, s.alert_id;

-- name: report_mark
-- One row when the report of a period is not written yet.
INSERT INTO alert_reports (alert_id, item, recorded_at) VALUES (:alert_id, :item, :at) ON CONFLICT DO NOTHING RETURNING item;

-- name: alert_message_add
INSERT INTO alert_messages (alert_id, at, digest) VALUES (:alert_id, :at, CAST(:digest AS jsonb));

-- name: alert_message_sent
UPDATE alert_messages SET delivered_at = :at, error = :error
WHERE alert_id = :alert_id AND currency = :currency AND at = :written_at;

-- name: alert_messages_waiting
SELECT alert_id, currency, at, CAST(value AS float8) AS value, beyond, digest, delivered_at, error
FROM alert_messages WHERE alert_id = :alert_id AND delivered_at IS NULL AND at >= :since ORDER BY at;

-- name: alert_digests_purge
DELETE FROM alert_messages WHERE digest IS NOT NULL AND at < :before;

-- name: alert_reports_purge
DELETE FROM alert_reports WHERE alert_id = :alert_id AND recorded_at < :before;

-- name: usage_alerts_to_report
-- Marks what this subscription has not reported; returns how many there are, and the first, the most severe first.
WITH unreported AS (
    SELECT a.workspace_id || '/' || a.epoch || '/' || a.kind AS item, a.kind, a.workspace_id, a.at, a.recorded_at
    FROM usage_alerts a JOIN workspaces w ON w.workspace_id = a.workspace_id
    WHERE a.notifies AND a.recorded_at >= :since AND w.source = :source
), marked AS (
    INSERT INTO alert_reports (alert_id, item, recorded_at) SELECT :alert_id, n.item, n.recorded_at FROM unreported n
    ON CONFLICT DO NOTHING RETURNING item
)
SELECT n.kind, n.workspace_id, n.at, 'opened' AS state, '' AS detail, count(*) OVER () AS total
FROM unreported n JOIN marked m ON m.item = n.item
ORDER BY array_position(ARRAY['limit_hit', 'used_100', 'plan_exhausted', 'used_90', 'used_80'], n.kind::text), n.at, n.item
LIMIT :shown;

-- name: payment_alerts_to_report
-- The same for payment alerts that opened or closed. One without a known workspace belongs to the mode of the installation.
WITH unreported AS (
    SELECT p.alert_id || '/' || s.state || '/' || extract(epoch FROM s.at) AS item, p.kind, p.workspace_id, s.at, s.state,
           CASE WHEN s.state = 'opened' THEN p.detail ELSE coalesce(p.closed_because, 'closed by ' || p.closed_by) END AS detail
    FROM payment_alerts p
    LEFT JOIN (
        SELECT n.workspace_id, n.source FROM workspaces n
        WHERE n.workspace_id IN (SELECT o.workspace_id FROM payment_alerts o WHERE o.at >= :since OR o.closed_at >= :since)
    ) w ON w.workspace_id = p.workspace_id
    CROSS JOIN LATERAL (VALUES ('opened', p.at), ('closed', p.closed_at)) AS s (state, at)
    WHERE s.at >= :since AND coalesce(w.source, :mode) = :source
), marked AS (
    INSERT INTO alert_reports (alert_id, item, recorded_at) SELECT :alert_id, n.item, n.at FROM unreported n
    ON CONFLICT DO NOTHING RETURNING item
)
SELECT n.kind, n.workspace_id, n.at, n.state, n.detail, count(*) OVER () AS total
FROM unreported n JOIN marked m ON m.item = n.item
ORDER BY n.state DESC, n.at, n.item LIMIT :shown;
