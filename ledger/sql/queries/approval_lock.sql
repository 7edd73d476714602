-- One request, held until the end of the transaction, so that only one decision counts.
SELECT approval_id, action, workspace_id, body, minutes, amount_cents, reason, requested_by, requested_role,
       requested_at, state, decided_by, decided_at, decision_reason
FROM approvals
WHERE approval_id = :approval_id
FOR UPDATE
