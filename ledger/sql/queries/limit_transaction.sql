-- A transaction that waits for Stripe gives up instead of holding its row for ever.
SELECT set_config('lock_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '90s', true);
