-- The second person's decision.
UPDATE approvals
SET state = :state, decided_by = :decided_by, decided_at = :at, decision_reason = :reason
WHERE approval_id = :approval_id AND state = 'waiting'
