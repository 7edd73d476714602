-- How a delivery ended, unless somebody asked for a replay meanwhile.
UPDATE crossings
SET delivery = :delivery, next_attempt_at = :next_attempt_at, delivered_at = :delivered_at, last_error = :last_error
WHERE workspace_id = :workspace_id AND epoch = :epoch AND kind = :kind AND delivery = 'pending' AND attempts = :attempts
