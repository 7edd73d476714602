-- What was agreed never changes; only what Stripe says, and what that did to the minutes.
UPDATE extra_minutes_purchases SET
    status = :status, attempt = :attempt, attempt_key = :attempt_key, attempted_at = :attempted_at,
    payment_intent = :payment_intent, checkout_session = :checkout_session, charge = :charge, customer = :customer,
    receipt_number = :receipt_number, receipt_url = :receipt_url,
    failure_code = :failure_code, failure_message = :failure_message,
    paid_at = :paid_at, fee_cents = :fee_cents, fee_currency = :fee_currency,
    refunded_cents = :refunded_cents, refunded_at = :refunded_at,
    dispute_status = :dispute_status, disputed_at = :disputed_at, synced_at = :synced_at,
    lot_id = :lot_id, taken_back_minutes = :taken_back_minutes, shortfall_minutes = :shortfall_minutes, bookings = :bookings
WHERE workspace_id = :workspace_id AND purchase_id = :purchase_id;
