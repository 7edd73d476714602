-- name: erase_events
-- Raw events carry names and addresses; id, type, hash and effect stay.
UPDATE stripe_events SET raw = NULL, purged_at = coalesce(purged_at, :at)
WHERE workspace_id = :workspace_id AND raw IS NOT NULL AND status NOT IN ('pending', 'processing', 'failed');

-- name: erase_identity
-- The identity goes, the workspace and its ledger stay.
UPDATE workspaces SET name = :name, owner_email = :owner_email
WHERE workspace_id = :workspace_id
RETURNING workspace_id;

-- name: erase_notes
-- What staff wrote about the customer goes.
DELETE FROM notes WHERE workspace_id = :workspace_id;

-- name: erase_receipts
-- Links to receipts lead to the customer's name at Stripe; money and ids stay.
UPDATE extra_minutes_purchases SET receipt_url = NULL
WHERE workspace_id = :workspace_id AND receipt_url IS NOT NULL;

-- name: export_events
-- Raw events of one customer that are still kept.
SELECT event_id, type, received_at, convert_from(raw, 'UTF8') AS raw
FROM stripe_events
WHERE workspace_id = :workspace_id AND raw IS NOT NULL
ORDER BY received_at, event_id;
