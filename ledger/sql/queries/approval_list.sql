-- Requests, those that wait first, then the newest.
SELECT approval_id, action, workspace_id, body, minutes, amount_cents, reason, requested_by, requested_role,
       requested_at, state, decided_by, decided_at, decision_reason
FROM approvals
WHERE (CAST(:state AS text) IS NULL OR state = CAST(:state AS text))
  AND (CAST(:workspace_id AS text) IS NULL OR workspace_id = CAST(:workspace_id AS text))
ORDER BY state <> 'waiting', requested_at DESC
LIMIT :limit
