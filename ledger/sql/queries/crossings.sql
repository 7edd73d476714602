-- The outbox, newest first.
SELECT workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes, delivery, attempts, next_attempt_at, delivered_at,
       last_error
FROM crossings
WHERE (CAST(:delivery AS text) IS NULL OR delivery = :delivery)
  AND (CAST(:workspace_id AS text) IS NULL OR workspace_id = :workspace_id)
  AND (CAST(:before_at AS timestamptz) IS NULL
       OR (recorded_at, workspace_id, epoch, kind) < (:before_at, :before_workspace_id, CAST(:before_epoch AS bigint), :before_kind))
ORDER BY recorded_at DESC, workspace_id DESC, epoch DESC, kind DESC
LIMIT :limit
