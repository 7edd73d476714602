-- What was recorded for this request, when the same click arrives twice.
SELECT audit_no, at, recorded_at, actor, role, action, workspace_id, subject, minutes, amount_cents,
       before, after, reason, request_id
FROM audit
WHERE request_id = :request_id AND action = :action
