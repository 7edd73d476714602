UPDATE crossings SET delivery = 'pending', attempts = 0, next_attempt_at = :at
WHERE workspace_id = :workspace_id AND epoch = :epoch AND kind = :kind
