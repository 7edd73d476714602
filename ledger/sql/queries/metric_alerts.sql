-- name: emit_metric_alert
-- It is about the whole installation, not about one workspace.
SELECT emit_event('', 'metric.alert', :at, CAST(:data AS jsonb));

-- name: metric_alert_fire
-- Adds a line where the state of this currency changed. The alert is locked by metric_alert_lock: of two checks one changes it.
WITH changed AS (
    INSERT INTO alert_messages (alert_id, currency, at, value, beyond)
    SELECT :alert_id, :currency, :at, :value, CAST(:beyond AS boolean)
    WHERE CAST(:beyond AS boolean) <> coalesce(
        (SELECT h.beyond FROM alert_messages h WHERE h.alert_id = :alert_id AND h.currency = :currency
         ORDER BY h.at DESC LIMIT 1), false)
    RETURNING alert_id, beyond
)
UPDATE alert_subscriptions a
SET beyond = c.beyond OR EXISTS (
    SELECT 1 FROM alert_messages h
    WHERE h.alert_id = a.alert_id AND h.currency <> :currency AND h.beyond
      AND h.at = (SELECT max(l.at) FROM alert_messages l WHERE l.alert_id = h.alert_id AND l.currency = h.currency))
FROM changed c WHERE a.alert_id = c.alert_id;

-- name: metric_alert_history
SELECT alert_id, currency, at, CAST(value AS float8) AS value, beyond, delivered_at, error
FROM alert_messages WHERE alert_id = :alert_id ORDER BY at DESC LIMIT :limit;

-- name: metric_alert_lock
SELECT alert_id FROM alert_subscriptions WHERE alert_id = :alert_id FOR UPDATE;

-- name: metric_alerts
SELECT alert_id, metric, source, days, direction, CAST(threshold AS float8) AS threshold, channel, target, secret, created_by,
       created_at, beyond, stopped_at
FROM alert_subscriptions WHERE kind = 'metric' AND stopped_at IS NULL AND (approval_id IS NULL OR approved_by IS NOT NULL)
ORDER BY created_at DESC, alert_id;
