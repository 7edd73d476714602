-- Of two checks at the same time one sees the change: the other finds it made.
WITH changed AS (
    UPDATE metric_alerts SET beyond = :beyond WHERE alert_id = :alert_id AND beyond <> :beyond RETURNING alert_id)
INSERT INTO metric_alert_history (alert_id, at, value, beyond)
SELECT alert_id, :at, :value, :beyond FROM changed
