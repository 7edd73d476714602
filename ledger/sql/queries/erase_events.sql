-- Raw events carry names and addresses; id, type, hash and effect stay.
UPDATE stripe_events SET raw = NULL, purged_at = coalesce(purged_at, :at)
WHERE workspace_id = :workspace_id AND raw IS NOT NULL AND status NOT IN ('pending', 'processing', 'failed')
