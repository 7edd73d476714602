SELECT alert_id, kind, object_id, workspace_id, detail, at, closed_at, closed_by FROM payment_alerts
WHERE (CAST(:workspace_id AS text) IS NULL OR workspace_id = :workspace_id)
  AND (CAST(:kind AS text) IS NULL OR kind = :kind)
  AND (CAST(:closed AS boolean) OR closed_at IS NULL)
  AND (CAST(:before AS text) IS NULL OR (at, alert_id) < (SELECT b.at, b.alert_id FROM payment_alerts b WHERE b.alert_id = :before))
ORDER BY at DESC, alert_id DESC LIMIT :limit;
