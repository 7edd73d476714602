-- Only the worker that still holds the event may finish it.
UPDATE stripe_events SET
    status = :status, effect = :effect, error = CAST(:error AS text), workspace_id = coalesce(CAST(:workspace_id AS text), workspace_id),
    next_attempt_at = CAST(:next_attempt_at AS timestamptz), finished_at = CAST(:finished_at AS timestamptz)
WHERE event_id = :event_id AND status = 'processing' AND attempts = :attempts
RETURNING event_id;
