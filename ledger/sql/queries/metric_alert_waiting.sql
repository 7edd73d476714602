SELECT alert_id, at, CAST(value AS float8) AS value, beyond, delivered_at, error
FROM metric_alert_history WHERE alert_id = :alert_id AND delivered_at IS NULL AND at >= :since ORDER BY at
