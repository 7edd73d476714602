SELECT refund_id, amount_cents, currency, status, reason, failure_reason, refunded_at FROM refunds
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id ORDER BY refunded_at, refund_id;
