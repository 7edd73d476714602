-- One warning.
SELECT workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes, delivery, attempts, next_attempt_at, delivered_at,
       last_error
FROM crossings
WHERE workspace_id = :workspace_id AND epoch = :epoch AND kind = :kind
