COMMENT ON TABLE rollup_state IS 'State of the sums that screens read: one row.';
COMMENT ON COLUMN rollup_state.one IS 'Always true.';
COMMENT ON COLUMN rollup_state.report_timezone IS 'Time zone of report days and months.';
COMMENT ON COLUMN rollup_state.swept_to IS 'When payments, subscriptions, offers and deliveries were last compared with their signatures.';
COMMENT ON CONSTRAINT rollup_state_has_one_row ON rollup_state IS 'There is one state.';

COMMENT ON TABLE rollup_marks IS 'How far each workspace is rolled up.';
COMMENT ON COLUMN rollup_marks.workspace_id IS 'Workspace that was rolled up.';
COMMENT ON COLUMN rollup_marks.entry_no IS 'Last entry that is in the sums.';
COMMENT ON COLUMN rollup_marks.minutes IS 'Plan and extra minutes left after that entry.';

COMMENT ON TABLE rollup_work IS 'Workspaces of the running refresh; empty outside its transaction.';
COMMENT ON COLUMN rollup_work.workspace_id IS 'Workspace to roll up.';
COMMENT ON COLUMN rollup_work.from_no IS 'Last entry that was in the sums.';
COMMENT ON COLUMN rollup_work.to_no IS 'Last entry that will be in the sums.';
COMMENT ON COLUMN rollup_work.known_signature IS 'Signature of payments, subscriptions, offers and deliveries in the sums; null for a new workspace.';
COMMENT ON COLUMN rollup_work.signature IS 'Signature of payments, subscriptions, offers and deliveries now.';

COMMENT ON TABLE monthly_usage_cache IS 'Minutes used by each workspace and month.';
COMMENT ON COLUMN monthly_usage_cache.workspace_id IS 'Workspace that used them.';
COMMENT ON COLUMN monthly_usage_cache.plan_minutes IS 'Plan minutes used.';
COMMENT ON COLUMN monthly_usage_cache.extra_minutes IS 'Extra minutes used.';
COMMENT ON COLUMN monthly_usage_cache.unmet_minutes IS 'Minutes that uses needed and could not draw.';

COMMENT ON COLUMN usage_by_epoch.workspace_id IS 'Workspace that used them.';
COMMENT ON COLUMN usage_by_epoch.epoch IS 'Number of the epoch; every credit opens the next.';
COMMENT ON COLUMN usage_by_epoch.plan_minutes IS 'Plan minutes used in the epoch.';
COMMENT ON COLUMN usage_by_epoch.extra_minutes IS 'Extra minutes used in the epoch.';
COMMENT ON COLUMN usage_by_epoch.unmet_minutes IS 'Minutes that uses needed and could not draw.';
COMMENT ON COLUMN usage_by_epoch.uses IS 'Number of uses.';
COMMENT ON COLUMN usage_by_epoch.first_use_at IS 'Business time of the first use.';
COMMENT ON COLUMN usage_by_epoch.last_use_at IS 'Business time of the last use.';

COMMENT ON TABLE unmet_days IS 'Days on which a workspace needed more minutes than it had.';
COMMENT ON COLUMN unmet_days.workspace_id IS 'Workspace that ran out.';
COMMENT ON COLUMN unmet_days.unmet_minutes IS 'Minutes that uses needed and could not draw.';
COMMENT ON COLUMN unmet_days.uses IS 'Number of uses that day with unmet minutes.';

COMMENT ON TABLE lot_days IS 'Minutes that left each purchased lot on each day.';
COMMENT ON COLUMN lot_days.workspace_id IS 'Workspace that owns the lot.';
COMMENT ON COLUMN lot_days.lot_id IS 'Lot that the minutes left.';
COMMENT ON COLUMN lot_days.drawn IS 'Minutes drawn by uses.';
COMMENT ON COLUMN lot_days.voided IS 'Minutes taken by voids, refunds and disputes; less than 0 when given back.';
COMMENT ON CONSTRAINT lot_days_lot_of_same_workspace ON lot_days IS 'The lot belongs to the same workspace.';

COMMENT ON TABLE balance_days IS 'Days in the report time zone on which the balance of a workspace changed.';
COMMENT ON COLUMN balance_days.workspace_id IS 'Workspace that owns the balance.';
COMMENT ON COLUMN balance_days.minutes IS 'Plan and extra minutes added that day, less those used, voided or taken back.';

COMMENT ON TABLE workspace_days IS 'What each workspace adds to each metric and day, so that one workspace can be counted again.';
COMMENT ON COLUMN workspace_days.workspace_id IS 'Workspace that is counted.';
COMMENT ON COLUMN workspace_days.plan IS 'Plan at that moment; ''none'' without one.';
COMMENT ON COLUMN workspace_days.billing_cycle IS 'Billing cycle at that moment; ''none'' without one.';
COMMENT ON COLUMN workspace_days.package IS 'Code of the package, where one applies.';
COMMENT ON COLUMN workspace_days.currency IS 'ISO 4217 code in lower case, where the value is money.';
COMMENT ON COLUMN workspace_days.part IS 'Series within the metric; empty when it has one.';
COMMENT ON COLUMN workspace_days.value IS 'Sum of the metric''s values, in its own unit.';
COMMENT ON COLUMN workspace_days.weight IS 'Sum of what the values are divided by.';
COMMENT ON COLUMN workspace_days.n IS 'Number of rows.';

COMMENT ON TABLE daily_rollups IS 'Sums of all workspaces by metric and day.';
COMMENT ON COLUMN daily_rollups.source IS 'The mode of the installation when the workspace was made; everything of the workspace inherits it.';
COMMENT ON COLUMN daily_rollups.plan IS 'Plan at that moment; ''none'' without one.';
COMMENT ON COLUMN daily_rollups.billing_cycle IS 'Billing cycle at that moment; ''none'' without one.';
COMMENT ON COLUMN daily_rollups.package IS 'Code of the package, where one applies.';
COMMENT ON COLUMN daily_rollups.currency IS 'ISO 4217 code in lower case, where the value is money.';
COMMENT ON COLUMN daily_rollups.part IS 'Series within the metric; empty when it has one.';
COMMENT ON COLUMN daily_rollups.value IS 'Sum of the metric''s values, in its own unit.';
COMMENT ON COLUMN daily_rollups.weight IS 'Sum of what the values are divided by.';
COMMENT ON COLUMN daily_rollups.n IS 'Number of rows.';

COMMENT ON TABLE monthly_rollups IS 'Sums of all workspaces by metric and month.';
COMMENT ON COLUMN monthly_rollups.source IS 'The mode of the installation when the workspace was made; everything of the workspace inherits it.';
COMMENT ON COLUMN monthly_rollups.plan IS 'Plan at that moment; ''none'' without one.';
COMMENT ON COLUMN monthly_rollups.billing_cycle IS 'Billing cycle at that moment; ''none'' without one.';
COMMENT ON COLUMN monthly_rollups.package IS 'Code of the package, where one applies.';
COMMENT ON COLUMN monthly_rollups.currency IS 'ISO 4217 code in lower case, where the value is money.';
COMMENT ON COLUMN monthly_rollups.part IS 'Series within the metric; empty when it has one.';
COMMENT ON COLUMN monthly_rollups.value IS 'Sum of the metric''s values, in its own unit.';
COMMENT ON COLUMN monthly_rollups.weight IS 'Sum of what the values are divided by.';
COMMENT ON COLUMN monthly_rollups.n IS 'Number of rows.';

COMMENT ON TABLE repeated_days IS 'Days on which workspaces repeat an earlier day, in metrics that count a workspace once.';
COMMENT ON COLUMN repeated_days.source IS 'The mode of the installation when the workspace was made; everything of the workspace inherits it.';
COMMENT ON COLUMN repeated_days.previous_day IS 'The day before it of the same workspace, within the scope.';
COMMENT ON COLUMN repeated_days.plan IS 'Plan of the day; empty when the scope is not of a plan.';
COMMENT ON COLUMN repeated_days.billing_cycle IS 'Billing cycle of the day; empty when the scope is not of a billing cycle.';
COMMENT ON COLUMN repeated_days.value IS 'Number of workspaces with a value on both days and on none between.';
COMMENT ON COLUMN repeated_days.n IS 'Number of workspaces with rows on both days and on none between.';
COMMENT ON CONSTRAINT repeated_days_scope ON repeated_days IS 'A scope is one of four.';

COMMENT ON VIEW paid_purchases IS 'Purchases whose money arrived, as metrics count them.';
COMMENT ON COLUMN paid_purchases.workspace_id IS 'Workspace that buys.';
COMMENT ON COLUMN paid_purchases.purchase_id IS 'Identifier of the purchase, chosen by the ledger.';
COMMENT ON COLUMN paid_purchases.source IS 'Mode of the installation; the same as that of the workspace.';
COMMENT ON COLUMN paid_purchases.package IS 'Code of the package that was bought.';
COMMENT ON COLUMN paid_purchases.package_name IS 'Name of the package when it was bought.';
COMMENT ON COLUMN paid_purchases.minutes IS 'Minutes bought.';
COMMENT ON COLUMN paid_purchases.amount_cents IS 'Revenue in the minor unit of `currency`: price - discount, without tax.';
COMMENT ON COLUMN paid_purchases.charged_cents IS 'What the customer paid: price - discount + tax.';
COMMENT ON COLUMN paid_purchases.fee_cents IS 'Processing fee; null while Stripe has not booked it.';
COMMENT ON COLUMN paid_purchases.fee_currency IS 'Currency of the fee; null while there is no fee.';
COMMENT ON COLUMN paid_purchases.paid_at IS 'When the money arrived; null until then.';
COMMENT ON COLUMN paid_purchases.lot_id IS 'The minutes of this purchase; null until they are credited.';
COMMENT ON COLUMN paid_purchases.status IS 'State of the purchase; quarantined means that the payment does not match what was agreed.';
COMMENT ON COLUMN paid_purchases.contested IS 'Whether some of the money may have gone back: refunded or disputed.';
