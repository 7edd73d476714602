UPDATE refund_requests SET status = 'made', refund_id = :refund_id, error = NULL
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id AND refund_no = :refund_no AND status <> 'made';
