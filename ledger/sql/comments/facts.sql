COMMENT ON COLUMN facts.workspaces.workspace_id IS 'Identifier of the workspace.';
COMMENT ON COLUMN facts.workspaces.created_at IS 'Business time of creation.';
COMMENT ON COLUMN facts.workspaces.plan IS 'Plan in force; null without one.';
COMMENT ON COLUMN facts.workspaces.billing_cycle IS 'monthly or annual; null without a plan.';

COMMENT ON COLUMN facts.limit_hits.workspace_id IS 'Workspace that hit its limit.';
COMMENT ON COLUMN facts.limit_hits.source IS 'live, stripe_test, sandbox or demo: never add numbers of two sources.';
COMMENT ON COLUMN facts.limit_hits.epoch IS 'Epoch in which it happened; every credit opens the next.';
COMMENT ON COLUMN facts.limit_hits.plan IS 'Plan at that time; ''none'' without one.';
COMMENT ON COLUMN facts.limit_hits.billing_cycle IS 'Billing cycle at that time; ''none'' without one.';

COMMENT ON COLUMN facts.purchases.workspace_id IS 'Workspace that bought.';
COMMENT ON COLUMN facts.purchases.purchase_id IS 'Identifier of the purchase.';
COMMENT ON COLUMN facts.purchases.source IS 'live, stripe_test, sandbox or demo: never add numbers of two sources.';
COMMENT ON COLUMN facts.purchases.package IS 'Code of the package.';
COMMENT ON COLUMN facts.purchases.minutes IS 'Minutes bought.';
COMMENT ON COLUMN facts.purchases.currency IS 'ISO 4217 code in lower case.';
COMMENT ON COLUMN facts.purchases.status IS 'State of the purchase.';
COMMENT ON COLUMN facts.purchases.begun_at IS 'When the purchase began.';
COMMENT ON COLUMN facts.purchases.tax_cents IS 'Tax added to the price, in the minor unit of `currency`.';
COMMENT ON COLUMN facts.purchases.discount_cents IS 'Taken off the price by a promotion code, before tax.';
COMMENT ON COLUMN facts.purchases.charged_cents IS 'What the customer pays: price - discount + tax.';
COMMENT ON COLUMN facts.purchases.revenue_cents IS 'What is earned: price - discount.';
COMMENT ON COLUMN facts.purchases.refunded_cents IS 'Amount refunded, in the minor unit of `currency`.';
COMMENT ON COLUMN facts.purchases.fee_cents IS 'Processing fee, in the minor unit of `fee_currency`; null while unknown.';
COMMENT ON COLUMN facts.purchases.fee_currency IS 'Currency of the fee.';
COMMENT ON COLUMN facts.purchases.dispute_status IS 'Stripe''s state of the dispute; null without one.';

COMMENT ON COLUMN facts.uses_by_day.workspace_id IS 'Workspace that used minutes.';
COMMENT ON COLUMN facts.uses_by_day.source IS 'live, stripe_test, sandbox or demo: never add numbers of two sources.';
COMMENT ON COLUMN facts.uses_by_day.day IS 'Day in the report time zone.';
COMMENT ON COLUMN facts.uses_by_day.uses IS 'Number of uses.';
COMMENT ON COLUMN facts.uses_by_day.plan_minutes IS 'Plan minutes used.';
COMMENT ON COLUMN facts.uses_by_day.extra_minutes IS 'Extra minutes used.';
COMMENT ON COLUMN facts.uses_by_day.unmet_minutes IS 'Minutes that uses needed and could not draw.';

COMMENT ON COLUMN facts.balances_by_day.workspace_id IS 'Workspace that owns the balance.';
COMMENT ON COLUMN facts.balances_by_day.source IS 'live, stripe_test, sandbox or demo: never add numbers of two sources.';
COMMENT ON COLUMN facts.balances_by_day.day IS 'Day in the report time zone.';
COMMENT ON COLUMN facts.balances_by_day.plan_minutes IS 'Plan minutes left.';
COMMENT ON COLUMN facts.balances_by_day.extra_minutes IS 'Extra minutes left.';
