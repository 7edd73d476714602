-- The audit log, newest first, after a given line; every condition is optional.
SELECT audit_no, at, recorded_at, actor, role, action, workspace_id, subject, minutes, amount_cents,
       before, after, reason, request_id
FROM audit
WHERE (CAST(:before AS bigint) IS NULL OR audit_no < CAST(:before AS bigint))
  AND (CAST(:actor AS text) IS NULL OR actor = CAST(:actor AS text))
  AND (CAST(:action AS text) IS NULL OR action = CAST(:action AS text))
  AND (CAST(:workspace_id AS text) IS NULL OR workspace_id = CAST(:workspace_id AS text))
  AND (CAST(:part AS text) IS NULL
       OR concat_ws(' ', actor, action, workspace_id, subject, reason, request_id) ILIKE CAST(:part AS text))
ORDER BY audit_no DESC
LIMIT :limit
