-- One more line of the audit log.
INSERT INTO audit (at, actor, role, action, workspace_id, subject, minutes, amount_cents, before, after, reason, request_id)
VALUES (:at, :actor, :role, :action, :workspace_id, :subject, :minutes, :amount_cents,
        CAST(:before AS jsonb), CAST(:after AS jsonb), :reason, :request_id)
RETURNING audit_no
