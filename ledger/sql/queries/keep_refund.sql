INSERT INTO refunds
    (workspace_id, refund_id, purchase_id, amount_cents, currency, status, reason, failure_reason, refunded_at)
VALUES (:workspace_id, :refund_id, :purchase_id, :amount_cents, :currency, :status, :reason, :failure_reason, :refunded_at)
ON CONFLICT (workspace_id, refund_id) DO UPDATE SET
    status = EXCLUDED.status, reason = EXCLUDED.reason, failure_reason = EXCLUDED.failure_reason;
