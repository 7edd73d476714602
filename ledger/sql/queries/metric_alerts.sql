-- name: metric_alert_add
INSERT INTO metric_alerts (alert_id, metric, source, days, direction, threshold, channel, target, secret, created_by, created_at)
VALUES (:alert_id, :metric, :source, :days, :direction, :threshold, :channel, :target, :secret, :actor, :at)
ON CONFLICT (alert_id) DO NOTHING
RETURNING secret;

-- name: metric_alert_fire
-- Adds a line where the state of this currency changed. The alert is locked by metric_alert_lock: of two checks one changes it.
WITH changed AS (
    INSERT INTO metric_alert_history (alert_id, currency, at, value, beyond)
    SELECT :alert_id, :currency, :at, :value, CAST(:beyond AS boolean)
    WHERE CAST(:beyond AS boolean) <> coalesce(
        (SELECT h.beyond FROM metric_alert_history h WHERE h.alert_id = :alert_id AND h.currency = :currency
         ORDER BY h.at DESC LIMIT 1), false)
    RETURNING alert_id, beyond
)
UPDATE metric_alerts a
SET beyond = c.beyond OR EXISTS (
    SELECT FROM metric_alert_history h
    WHERE h.alert_id = a.alert_id AND h.currency <> :currency AND h.beyond
      AND h.at = (SELECT max(l.at) FROM metric_alert_history l WHERE l.alert_id = h.alert_id AND l.currency = h.currency))
FROM changed c WHERE a.alert_id = c.alert_id;

-- name: metric_alert_history
SELECT alert_id, currency, at, CAST(value AS float8) AS value, beyond, delivered_at, error
FROM metric_alert_history WHERE alert_id = :alert_id ORDER BY at DESC LIMIT :limit;

-- name: metric_alert_lock
SELECT alert_id FROM metric_alerts WHERE alert_id = :alert_id FOR UPDATE;

-- name: metric_alert_stop
UPDATE metric_alerts SET stopped_at = :at WHERE alert_id = :alert_id AND stopped_at IS NULL;

-- name: metric_alert_sent
UPDATE metric_alert_history SET delivered_at = :at, error = :error
WHERE alert_id = :alert_id AND currency = :currency AND at = :fired_at;

-- name: metric_alert_waiting
SELECT alert_id, currency, at, CAST(value AS float8) AS value, beyond, delivered_at, error
FROM metric_alert_history WHERE alert_id = :alert_id AND delivered_at IS NULL AND at >= :since ORDER BY at;

-- name: metric_alerts
SELECT alert_id, metric, source, days, direction, CAST(threshold AS float8) AS threshold, channel, target, secret, created_by,
       created_at, beyond, stopped_at
FROM metric_alerts WHERE stopped_at IS NULL ORDER BY created_at DESC, alert_id;
