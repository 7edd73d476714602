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
-- Raw events of one customer that are still stored.
SELECT event_id, type, received_at, convert_from(raw, 'UTF8') AS raw
FROM stripe_events
WHERE workspace_id = :workspace_id AND raw IS NOT NULL
ORDER BY received_at, event_id;


-- name: export_alerts
SELECT * FROM usage_alerts WHERE workspace_id = :workspace_id ORDER BY recorded_at, epoch, kind;

-- name: export_offers_seen
SELECT * FROM offers_seen WHERE workspace_id = :workspace_id ORDER BY at, key;

-- name: export_api_keys
SELECT key_id, name, scopes, created_at, created_by, expires_at, last_used_at, revoked_at FROM api_keys
WHERE workspace_id = :workspace_id ORDER BY created_at, key_id;

-- name: export_approvals
SELECT * FROM approvals WHERE workspace_id = :workspace_id ORDER BY requested_at, approval_id;

-- name: export_audit
SELECT * FROM audit WHERE workspace_id = :workspace_id ORDER BY audit_no;

-- name: export_bulk_grants
SELECT * FROM grant_batch_rows WHERE workspace_id = :workspace_id ORDER BY batch_id, row_no;

-- name: export_disputes
SELECT * FROM disputes WHERE workspace_id = :workspace_id ORDER BY dispute_id;

-- name: export_payment_alerts
SELECT * FROM payment_alerts WHERE workspace_id = :workspace_id ORDER BY at, alert_id;

-- name: export_payment_objects
SELECT * FROM payment_objects WHERE workspace_id = :workspace_id ORDER BY object_id;

-- name: export_plan_periods
SELECT * FROM subscriptions WHERE workspace_id = :workspace_id ORDER BY subscription_no;

-- name: export_refund_requests
SELECT * FROM refund_requests WHERE workspace_id = :workspace_id ORDER BY purchase_id, refund_no;

-- name: export_refunds
SELECT * FROM refunds WHERE workspace_id = :workspace_id ORDER BY refund_id;

-- name: export_stripe_subscriptions
SELECT * FROM stripe_subscriptions WHERE workspace_id = :workspace_id ORDER BY 1, 2;

-- name: export_visits
SELECT * FROM opened_workspaces WHERE workspace_id = :workspace_id ORDER BY opened_at, operator;

-- name: export_invoices
SELECT * FROM stripe_invoices WHERE workspace_id = :workspace_id ORDER BY invoice_id;

-- name: export_invoice_lines
SELECT * FROM stripe_invoice_lines WHERE workspace_id = :workspace_id ORDER BY invoice_id, line_no;

-- name: export_stripe_links
SELECT * FROM stripe_links WHERE workspace_id = :workspace_id ORDER BY workspace_id;

-- name: export_imported_balances
SELECT * FROM old_balances WHERE workspace_id = :workspace_id ORDER BY workspace_id;

-- name: export_imports
SELECT * FROM imported_workspaces WHERE workspace_id = :workspace_id ORDER BY workspace_id;

-- name: export_auto_top_up
SELECT * FROM auto_top_ups WHERE workspace_id = :workspace_id ORDER BY workspace_id;

-- name: export_top_ups
SELECT * FROM top_ups WHERE workspace_id = :workspace_id ORDER BY epoch;

-- name: export_events_out
SELECT * FROM outgoing_events WHERE workspace_id = :workspace_id ORDER BY event_no;

-- name: export_event_deliveries
SELECT * FROM event_deliveries WHERE workspace_id = :workspace_id ORDER BY endpoint_id, event_no;

-- name: export_event_attempts
SELECT * FROM event_attempts WHERE workspace_id = :workspace_id ORDER BY endpoint_id, event_no, attempt, at;

-- name: export_attributes
SELECT * FROM workspace_attributes WHERE workspace_id = :workspace_id ORDER BY key;
