UPDATE refund_requests SET status = 'refused', error = :error
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id AND refund_no = :refund_no AND status = 'asked';
