-- Numbered within its purchase, whose row is locked: two equal refunds are two, a double click is one.
INSERT INTO refund_requests (workspace_id, purchase_id, refund_no, key, amount_cents, held_minutes, actor, reason, at)
SELECT :workspace_id, :purchase_id, 1 + coalesce(max(refund_no), 0), :key, :amount_cents, :held_minutes, :actor, :reason, :at
FROM refund_requests WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id
RETURNING workspace_id, purchase_id, refund_no, key, amount_cents, held_minutes, status, refund_id, error, actor, reason, at;
