-- name: add_refund_request
-- Numbered within its purchase, whose row is locked: two equal refunds are two, a double click is one.
INSERT INTO refund_requests (workspace_id, purchase_id, refund_no, key, amount_cents, held_minutes, actor, reason, at)
SELECT :workspace_id, :purchase_id, 1 + coalesce(max(refund_no), 0), :key, :amount_cents, :held_minutes, :actor, :reason, :at
FROM refund_requests WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id
RETURNING workspace_id, purchase_id, refund_no, key, amount_cents, held_minutes, status, refund_id, error, actor, reason, at;

-- name: held_refund_cents
-- Refunds of a purchase that were requested and that Stripe has not confirmed or refused yet.
SELECT coalesce(sum(amount_cents), 0)::bigint FROM refund_requests
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id AND status = 'requested';

-- name: keep_dispute
INSERT INTO disputes
    (workspace_id, dispute_id, purchase_id, amount_cents, currency, status, reason, fee_cents, opened_at, closed_at)
VALUES (:workspace_id, :dispute_id, :purchase_id, :amount_cents, :currency, :status, :reason, :fee_cents, :opened_at,
        CAST(:closed_at AS timestamptz))
ON CONFLICT (workspace_id, dispute_id) DO UPDATE SET
    amount_cents = EXCLUDED.amount_cents, status = EXCLUDED.status, reason = EXCLUDED.reason,
    fee_cents = EXCLUDED.fee_cents, closed_at = coalesce(disputes.closed_at, EXCLUDED.closed_at);

-- name: keep_refund
INSERT INTO refunds
    (workspace_id, refund_id, purchase_id, amount_cents, currency, status, reason, failure_reason, refunded_at)
VALUES (:workspace_id, :refund_id, :purchase_id, :amount_cents, :currency, :status, :reason, :failure_reason, :refunded_at)
ON CONFLICT (workspace_id, refund_id) DO UPDATE SET
    status = EXCLUDED.status, reason = EXCLUDED.reason, failure_reason = EXCLUDED.failure_reason;

-- name: list_disputes
SELECT dispute_id, amount_cents, currency, status, takes_minutes, reason, fee_cents, opened_at, closed_at FROM disputes
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id ORDER BY opened_at, dispute_id;

-- name: note_refund_made
UPDATE refund_requests SET status = 'made', refund_id = :refund_id, error = NULL
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id AND refund_no = :refund_no AND status <> 'made';

-- name: refund_request_of_key
SELECT workspace_id, purchase_id, refund_no, key, amount_cents, held_minutes, status, refund_id, error, actor, reason, at
FROM refund_requests WHERE workspace_id = :workspace_id AND key = :key;

-- name: refund_requests_waiting
-- Refunds requested before a moment whose outcome is still unknown, of the workspaces this gateway serves.
SELECT r.workspace_id, r.purchase_id, r.refund_no, r.key, r.amount_cents, r.held_minutes, r.status, r.refund_id, r.error,
       r.actor, r.reason, r.at
FROM refund_requests r
JOIN extra_minutes_purchases p ON p.workspace_id = r.workspace_id AND p.purchase_id = r.purchase_id
WHERE r.status = 'requested' AND r.at <= :before
  AND CASE WHEN p.source = 'demo' THEN 'sandbox' ELSE p.source END = :mode
ORDER BY r.at LIMIT :limit;

-- name: refuse_refund_request
UPDATE refund_requests SET status = 'refused', error = :error
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id AND refund_no = :refund_no AND status = 'requested';
