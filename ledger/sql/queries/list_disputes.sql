SELECT dispute_id, amount_cents, currency, status, takes_minutes, reason, fee_cents, opened_at, closed_at FROM disputes
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id ORDER BY opened_at, dispute_id;
