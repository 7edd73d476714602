-- Invoices of Stripe may be paid in another order than their periods: an older one gives its minutes and changes nothing else.

ALTER TABLE subscriptions ADD COLUMN paid_from timestamptz;
COMMENT ON COLUMN subscriptions.paid_from IS 'Of a plan that Stripe bills: when the newest period began that was paid for; null where no invoice told.';

ALTER TABLE lots ADD COLUMN arrears boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN lots.arrears IS 'Paid for a period older than the one in force: minutes only, plan and reset date stayed.';
