-- name: close_alert
UPDATE payment_alerts SET closed_at = :at, closed_by = :actor WHERE alert_id = :alert_id AND closed_at IS NULL
RETURNING alert_id;

-- name: count_alerts
-- Open alerts by kind, the most frequent first.
SELECT kind, count(*) AS alerts FROM payment_alerts WHERE closed_at IS NULL GROUP BY kind ORDER BY count(*) DESC, kind;

-- name: keep_alert
-- One that the end of its condition has closed is opened again; one that a person closed stays closed.
INSERT INTO payment_alerts (alert_id, kind, object_id, workspace_id, detail, at, due_at)
VALUES (:alert_id, :kind, :object_id, CAST(:workspace_id AS text), :detail, :at, CAST(:due_at AS timestamptz))
ON CONFLICT (alert_id) DO UPDATE SET
    detail = EXCLUDED.detail, at = EXCLUDED.at, due_at = EXCLUDED.due_at, workspace_id = EXCLUDED.workspace_id,
    closed_at = NULL, closed_by = NULL, closed_because = NULL
WHERE payment_alerts.closed_because IS NOT NULL;

-- name: end_alert
UPDATE payment_alerts SET closed_at = :at, closed_by = 'ledger', closed_because = :because
WHERE alert_id = :alert_id AND closed_at IS NULL
RETURNING alert_id;

-- name: list_alerts
SELECT alert_id, kind, object_id, workspace_id, detail, at, due_at, closed_at, closed_by, closed_because
FROM payment_alerts
WHERE (CAST(:workspace_id AS text) IS NULL OR workspace_id = :workspace_id)
  AND (CAST(:kind AS text) IS NULL OR kind = :kind)
  AND (CAST(:closed AS boolean) OR closed_at IS NULL)
  AND (CAST(:before AS text) IS NULL OR (at, alert_id) < (SELECT b.at, b.alert_id FROM payment_alerts b WHERE b.alert_id = :before))
ORDER BY at DESC, alert_id DESC LIMIT :limit;
