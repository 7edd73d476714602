-- Takes what is due for one sender, for a while. The state is checked again in the outer WHERE: each row goes to one sender.
UPDATE crossings c SET attempts = c.attempts + 1, next_attempt_at = :until
WHERE c.delivery = 'pending' AND c.next_attempt_at <= :at
  AND (c.workspace_id, c.epoch, c.kind) IN (
    SELECT d.workspace_id, d.epoch, d.kind
    FROM crossings d
    WHERE d.delivery = 'pending' AND d.next_attempt_at <= :at
    ORDER BY d.next_attempt_at
    LIMIT :limit
  )
RETURNING workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes, delivery, attempts, next_attempt_at, delivered_at,
          last_error
