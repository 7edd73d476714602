INSERT INTO disputes
    (workspace_id, dispute_id, purchase_id, amount_cents, currency, status, reason, fee_cents, opened_at, closed_at)
VALUES (:workspace_id, :dispute_id, :purchase_id, :amount_cents, :currency, :status, :reason, :fee_cents, :opened_at,
        CAST(:closed_at AS timestamptz))
ON CONFLICT (workspace_id, dispute_id) DO UPDATE SET
    amount_cents = EXCLUDED.amount_cents, status = EXCLUDED.status, reason = EXCLUDED.reason,
    fee_cents = EXCLUDED.fee_cents, closed_at = coalesce(disputes.closed_at, EXCLUDED.closed_at);
