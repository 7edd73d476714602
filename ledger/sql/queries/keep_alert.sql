INSERT INTO payment_alerts (alert_id, kind, object_id, workspace_id, detail, at)
VALUES (:alert_id, :kind, :object_id, CAST(:workspace_id AS text), :detail, :at)
ON CONFLICT (alert_id) DO NOTHING;
