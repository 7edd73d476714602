-- The same event once more. One that failed runs again at once: somebody may have pressed Resend at Stripe.
UPDATE stripe_events SET
    deliveries = deliveries + 1,
    attempts = CASE WHEN status = 'dead' AND raw IS NOT NULL THEN 0 ELSE attempts END,
    next_attempt_at = CASE WHEN status IN ('failed', 'dead') AND raw IS NOT NULL THEN :at ELSE next_attempt_at END,
    status = CASE WHEN status = 'dead' AND raw IS NOT NULL THEN 'failed' ELSE status END
WHERE event_id = :event_id
RETURNING event_id, status;
