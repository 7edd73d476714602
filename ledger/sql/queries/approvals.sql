-- name: approval_ask
-- Stores a request for a second person's approval; a repeated request changes nothing.
INSERT INTO approvals (approval_id, action, workspace_id, body, minutes, amount_cents, reason,
                       requested_by, requested_role, requested_at)
VALUES (:approval_id, :action, :workspace_id, CAST(:body AS jsonb), :minutes, :amount_cents, :reason,
        :requested_by, :requested_role, :at)
ON CONFLICT (approval_id) DO NOTHING;

-- name: approval_decide
-- The second person's decision.
UPDATE approvals
SET state = :state, decided_by = :decided_by, decided_at = :at, decision_reason = :reason
WHERE approval_id = :approval_id AND state = 'waiting';

-- name: approval_list
-- Requests, those that wait first, then the newest.
SELECT approval_id, action, workspace_id, body, minutes, amount_cents, reason, requested_by, requested_role,
       requested_at, state, decided_by, decided_at, decision_reason
FROM approvals
WHERE (CAST(:state AS text) IS NULL OR state = CAST(:state AS text))
  AND (CAST(:workspace_id AS text) IS NULL OR workspace_id = CAST(:workspace_id AS text))
ORDER BY state <> 'waiting', requested_at DESC
LIMIT :limit;

-- name: approval_lock
-- One request, held until the end of the transaction, so that only one decision counts.
SELECT approval_id, action, workspace_id, body, minutes, amount_cents, reason, requested_by, requested_role,
       requested_at, state, decided_by, decided_at, decision_reason
FROM approvals
WHERE approval_id = :approval_id
FOR UPDATE;
