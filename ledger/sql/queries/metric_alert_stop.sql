UPDATE metric_alerts SET stopped_at = :at WHERE alert_id = :alert_id AND stopped_at IS NULL
