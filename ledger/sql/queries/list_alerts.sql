SELECT alert_id, kind, object_id, workspace_id, detail, at, closed_at, closed_by FROM payment_alerts
WHERE (CAST(:workspace_id AS text) IS NULL OR workspace_id = :workspace_id)
  AND (CAST(:closed AS boolean) OR closed_at IS NULL)
ORDER BY at DESC, alert_id LIMIT :limit;
