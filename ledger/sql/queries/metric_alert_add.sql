INSERT INTO metric_alerts (alert_id, metric, source, days, direction, threshold, channel, target, created_by, created_at)
VALUES (:alert_id, :metric, :source, :days, :direction, :threshold, :channel, :target, :actor, :at)
ON CONFLICT (alert_id) DO NOTHING
