UPDATE payment_alerts SET closed_at = :at, closed_by = :actor WHERE alert_id = :alert_id AND closed_at IS NULL
RETURNING alert_id;
