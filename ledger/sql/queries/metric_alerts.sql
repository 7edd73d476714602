-- name: metric_alert_add
INSERT INTO metric_alerts (alert_id, metric, source, days, direction, threshold, channel, target, secret, created_by, created_at)
VALUES (:alert_id, :metric, :source, :days, :direction, :threshold, :channel, :target, :secret, :actor, :at)
ON CONFLICT (alert_id) DO NOTHING
RETURNING secret;

-- name: metric_alert_fire
-- Of two checks at the same time one sees the change: the other finds it made.
WITH changed AS (
    UPDATE metric_alerts SET beyond = :beyond WHERE alert_id = :alert_id AND beyond <> :beyond RETURNING alert_id)
INSERT INTO metric_alert_history (alert_id, at, value, beyond)
SELECT alert_id, :at, :value, :beyond FROM changed;

-- name: metric_alert_history
SELECT alert_id, at, CAST(value AS float8) AS value, beyond, delivered_at, error
FROM metric_alert_history WHERE alert_id = :alert_id ORDER BY at DESC LIMIT :limit;

-- name: metric_alert_stop
UPDATE metric_alerts SET stopped_at = :at WHERE alert_id = :alert_id AND stopped_at IS NULL;

-- name: metric_alert_told
UPDATE metric_alert_history SET delivered_at = :at, error = :error WHERE alert_id = :alert_id AND at = :fired_at;

-- name: metric_alert_waiting
SELECT alert_id, at, CAST(value AS float8) AS value, beyond, delivered_at, error
FROM metric_alert_history WHERE alert_id = :alert_id AND delivered_at IS NULL AND at >= :since ORDER BY at;

-- name: metric_alerts
SELECT alert_id, metric, source, days, direction, CAST(threshold AS float8) AS threshold, channel, target, secret, created_by,
       created_at, beyond, stopped_at
FROM metric_alerts WHERE stopped_at IS NULL ORDER BY created_at DESC, alert_id;
