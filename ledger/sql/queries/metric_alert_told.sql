UPDATE metric_alert_history SET delivered_at = :at, error = :error WHERE alert_id = :alert_id AND at = :fired_at
