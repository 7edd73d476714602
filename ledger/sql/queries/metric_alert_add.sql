INSERT INTO metric_alerts (alert_id, metric, source, days, direction, threshold, channel, target, secret, created_by, created_at)
VALUES (:alert_id, :metric, :source, :days, :direction, :threshold, :channel, :target, :secret, :actor, :at)
ON CONFLICT (alert_id) DO NOTHING
RETURNING secret
