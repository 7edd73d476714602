SELECT alert_id, at, CAST(value AS float8) AS value, beyond, delivered_at, error
FROM metric_alert_history WHERE alert_id = :alert_id ORDER BY at DESC LIMIT :limit
