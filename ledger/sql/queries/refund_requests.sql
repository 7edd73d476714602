SELECT workspace_id, purchase_id, refund_no, key, amount_cents, held_minutes, status, refund_id, error, actor, reason, at
FROM refund_requests WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id ORDER BY refund_no;
