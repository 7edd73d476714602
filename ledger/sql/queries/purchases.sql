-- name: add_payment_object
INSERT INTO payment_objects (object_id, kind, workspace_id, purchase_id)
VALUES (:object_id, :kind, :workspace_id, CAST(:purchase_id AS uuid))
ON CONFLICT (object_id) DO NOTHING;

-- name: add_purchase
-- No row comes back when the key was used before.
INSERT INTO extra_minutes_purchases
    (workspace_id, purchase_id, key, body, source, package, package_version, package_arm, package_name, minutes, amount_cents,
     currency, actor, created_at, attempted_at)
VALUES (:workspace_id, :purchase_id, :key, CAST(:body AS jsonb), :source, :package, :package_version, :package_arm, :package_name,
        :minutes, :amount_cents, :currency, :actor, :at, :at)
ON CONFLICT DO NOTHING
RETURNING *;

-- name: get_purchase
SELECT * FROM extra_minutes_purchases WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id;

-- name: limit_transaction
-- A transaction that waits for Stripe gives up instead of holding its row for ever.
SELECT set_config('lock_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '90s', true);

-- name: list_purchases
-- Purchases of one workspace, newest first.
SELECT * FROM extra_minutes_purchases
WHERE workspace_id = :workspace_id
  AND (CAST(:before AS uuid) IS NULL OR (created_at, purchase_id) < (
        SELECT created_at, purchase_id FROM extra_minutes_purchases
        WHERE workspace_id = :workspace_id AND purchase_id = CAST(:before AS uuid)))
  AND (CAST(:status AS text) IS NULL OR CAST(status AS text) = :status)
  AND (CAST(:start AS timestamptz) IS NULL OR created_at >= :start) AND (CAST(:end AS timestamptz) IS NULL OR created_at < :end)
ORDER BY created_at DESC, purchase_id DESC
LIMIT :limit;

-- name: lock_purchase
-- Payments of one purchase are processed one at a time; rows that point to it may still be written.
SELECT * FROM extra_minutes_purchases
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id FOR NO KEY UPDATE;

-- name: owner_of_objects
-- Whose any of these ids of Stripe is; ids that name a purchase come first.
SELECT object_id, kind, workspace_id, purchase_id FROM payment_objects
WHERE object_id = ANY(CAST(:object_ids AS text[]))
ORDER BY purchase_id IS NULL, recorded_at, object_id LIMIT 1;

-- name: purchase_lot
SELECT lot_id, minutes, drawn, voided, remaining FROM lots
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id;

-- name: purchase_of_key
SELECT * FROM extra_minutes_purchases WHERE workspace_id = :workspace_id AND key = :key;

-- name: save_purchase
-- What was agreed never changes; only what Stripe says, and what that did to the minutes.
UPDATE extra_minutes_purchases SET
    status = :status, attempt = :attempt, attempt_key = :attempt_key, attempted_at = :attempted_at,
    payment_intent = :payment_intent, checkout_session = :checkout_session, charge = :charge, customer = :customer,
    receipt_number = :receipt_number, receipt_url = :receipt_url,
    failure_code = :failure_code, failure_message = :failure_message,
    paid_at = :paid_at, fee_cents = :fee_cents, fee_currency = :fee_currency,
    tax_cents = :tax_cents, discount_cents = :discount_cents, refunded_cents = :refunded_cents, refunded_at = :refunded_at,
    dispute_status = :dispute_status, disputed_at = :disputed_at, synced_at = :synced_at,
    lot_id = :lot_id, taken_back_minutes = :taken_back_minutes, shortfall_minutes = :shortfall_minutes, bookings = :bookings
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id;

-- name: equal_purchases
-- Other purchases of the same package and price that were paid in a span of time.
SELECT o.purchase_id, o.paid_at, o.status
FROM extra_minutes_purchases p
JOIN extra_minutes_purchases o ON o.workspace_id = p.workspace_id AND o.purchase_id <> p.purchase_id AND o.package = p.package
    AND o.amount_cents = p.amount_cents AND o.currency = p.currency
WHERE p.workspace_id = :workspace_id AND p.purchase_id = :purchase_id AND o.paid_at BETWEEN :since AND :until
  AND p.charged_cents > 0 AND o.charged_cents > 0
ORDER BY o.paid_at, o.purchase_id;

-- name: abandoned_purchases
-- Payments whose card holder has not answered the bank for long, oldest first.
SELECT workspace_id, purchase_id FROM extra_minutes_purchases
WHERE status = 'requires_action' AND checkout_session IS NULL AND payment_intent IS NOT NULL AND source = ANY(CAST(:sources AS text[])) AND attempted_at <= :before
ORDER BY attempted_at, purchase_id LIMIT :limit;

-- name: purchase_state
SELECT status, charge, refunded_cents, lot_id FROM extra_minutes_purchases WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id;

-- name: purchase_failure_reported
-- The failure that the last event about a failure of this purchase reported.
SELECT o.data ->> 'failure_code' FROM outgoing_events o
WHERE o.workspace_id = :workspace_id AND o.type = 'purchase.failed' AND o.data ->> 'purchase_id' = :purchase_id
ORDER BY o.event_no DESC LIMIT 1;
