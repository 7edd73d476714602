-- Refunds of a purchase that were asked for and that Stripe has not confirmed or refused yet.
SELECT coalesce(sum(amount_cents), 0)::bigint FROM refund_requests
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id AND status = 'asked';
