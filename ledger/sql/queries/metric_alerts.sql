SELECT alert_id, metric, source, days, direction, CAST(threshold AS float8) AS threshold, channel, target, secret, created_by,
       created_at, beyond, stopped_at
FROM metric_alerts WHERE stopped_at IS NULL ORDER BY created_at DESC, alert_id
