-- name: close_alert
UPDATE payment_alerts SET closed_at = :at, closed_by = :actor WHERE alert_id = :alert_id AND closed_at IS NULL
RETURNING alert_id;

-- name: count_alerts
-- Open alerts by kind, the most frequent first.
SELECT kind, count(*) AS alerts FROM payment_alerts WHERE closed_at IS NULL GROUP BY kind ORDER BY count(*) DESC, kind;

-- name: keep_alert
INSERT INTO payment_alerts (alert_id, kind, object_id, workspace_id, detail, at)
VALUES (:alert_id, :kind, :object_id, CAST(:workspace_id AS text), :detail, :at)
ON CONFLICT (alert_id) DO NOTHING;

-- name: list_alerts
SELECT alert_id, kind, object_id, workspace_id, detail, at, closed_at, closed_by FROM payment_alerts
WHERE (CAST(:workspace_id AS text) IS NULL OR workspace_id = :workspace_id)
  AND (CAST(:kind AS text) IS NULL OR kind = :kind)
  AND (CAST(:closed AS boolean) OR closed_at IS NULL)
  AND (CAST(:before AS text) IS NULL OR (at, alert_id) < (SELECT b.at, b.alert_id FROM payment_alerts b WHERE b.alert_id = :before))
ORDER BY at DESC, alert_id DESC LIMIT :limit;
