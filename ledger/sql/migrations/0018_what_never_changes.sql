-- What was agreed or has happened never changes: of these tables the application writes only the columns that may.
-- A purchase keeps its price, minutes and owner, a package its price, a workspace its source, a spell of a plan its beginning.

DROP FUNCTION IF EXISTS deduct_extra_minutes(text, bigint, text); -- answers with more columns now; made again by this migrate

-- grants
REVOKE UPDATE ON workspaces, subscriptions, extra_minutes_purchases, extra_minutes_packages, price_tests, plan_prices FROM ledger_app;
GRANT UPDATE (name, owner_email) ON workspaces TO ledger_app;
GRANT UPDATE (ended_at, paid_from) ON subscriptions TO ledger_app;
GRANT UPDATE (status, attempt, attempt_key, attempted_at, payment_intent, checkout_session, charge, customer, receipt_number,
              receipt_url, failure_code, failure_message, paid_at, fee_cents, fee_currency, refunded_cents, refunded_at,
              dispute_status, disputed_at, synced_at, lot_id, taken_back_minutes, shortfall_minutes, bookings)
    ON extra_minutes_purchases TO ledger_app;
GRANT UPDATE (valid_to, stripe_product, stripe_price) ON extra_minutes_packages TO ledger_app;
GRANT UPDATE (valid_to) ON plan_prices TO ledger_app;
GRANT UPDATE (ends_at) ON price_tests TO ledger_app;
