COMMENT ON TABLE metric_fits IS 'Estimates that are too slow for a page: requested by pages, computed by the worker.';
COMMENT ON COLUMN metric_fits.source IS 'Mode that is measured.';
COMMENT ON COLUMN metric_fits.plan IS 'Plan filter; empty for all.';
COMMENT ON COLUMN metric_fits.billing_cycle IS 'Billing cycle filter; empty for all.';
COMMENT ON COLUMN metric_fits.starts_at IS 'Beginning of the period.';
COMMENT ON COLUMN metric_fits.ends_at IS 'End of the period.';
COMMENT ON COLUMN metric_fits.wanted_at IS 'When a page last requested it.';
COMMENT ON COLUMN metric_fits.as_of IS 'Everything known by then is in the result; null until computed.';
COMMENT ON COLUMN metric_fits.computed_at IS 'When it was computed; null until then.';
COMMENT ON COLUMN metric_fits.result IS 'The estimate, as JSON; null until computed.';
COMMENT ON CONSTRAINT metric_fits_computed_whole ON metric_fits IS 'A result always says when and as of when it was computed.';

COMMENT ON TABLE closed_months IS 'Numbers of past months as they were first measured, and every later reading that differs; append-only.';
COMMENT ON COLUMN closed_months.source IS 'Mode that is measured.';
COMMENT ON COLUMN closed_months.currency IS 'ISO 4217 code of an amount; empty for everything else.';
COMMENT ON COLUMN closed_months.value IS 'The number, in the metric''s unit; null when it cannot be measured.';
COMMENT ON COLUMN closed_months.low IS 'Lower end of the 95% interval; null without one.';
COMMENT ON COLUMN closed_months.high IS 'Upper end of the 95% interval; null without one.';
COMMENT ON COLUMN closed_months.n IS 'Number of cases behind the number.';
COMMENT ON COLUMN closed_months.pending IS 'Number of cases too young to count.';
COMMENT ON COLUMN closed_months.reason IS 'Why there is no number; null when there is one.';
COMMENT ON COLUMN closed_months.definition_version IS 'Version of the metric''s definition.';
COMMENT ON COLUMN closed_months.report_timezone IS 'Time zone of the month.';
COMMENT ON COLUMN closed_months.computed_at IS 'When it was measured.';
COMMENT ON COLUMN closed_months.sum_of_weights IS 'Sum of what the values are divided by.';
COMMENT ON COLUMN closed_months.row_count IS 'Number of rows behind the number.';
COMMENT ON COLUMN closed_months.causes IS 'Why the reading differs from the one before, as JSON; empty for the first.';
COMMENT ON CONSTRAINT closed_months_first_day ON closed_months IS 'A month is written as its first day.';
COMMENT ON CONSTRAINT closed_months_revision_from_one ON closed_months IS 'Revisions count from one.';
COMMENT ON CONSTRAINT closed_months_change_has_cause ON closed_months IS 'A number never changes without a cause.';

COMMENT ON TABLE closed_month_checks IS 'When each closed month was last compared with the daily sums.';
COMMENT ON COLUMN closed_month_checks.source IS 'Mode that is measured.';
COMMENT ON COLUMN closed_month_checks.month IS 'First day of the month.';
COMMENT ON COLUMN closed_month_checks.checked_at IS 'When it was last compared.';

COMMENT ON TABLE metric_versions IS 'Definitions of each metric, and since when each holds.';
COMMENT ON COLUMN metric_versions.version IS 'Version of the definition.';
COMMENT ON COLUMN metric_versions.formula IS 'The definition in one sentence.';

COMMENT ON TABLE annotations IS 'Events that a reader of a chart should know.';
COMMENT ON COLUMN annotations.annotation_id IS 'Id of the annotation.';
COMMENT ON COLUMN annotations.at IS 'When it happened.';
COMMENT ON COLUMN annotations.kind IS 'launch, definition, price or note.';
COMMENT ON COLUMN annotations.metric IS 'Slug of the metric it belongs to; null for all.';
COMMENT ON COLUMN annotations.text IS 'What happened.';
COMMENT ON COLUMN annotations.created_by IS 'Person or job that wrote it.';
COMMENT ON COLUMN annotations.withdrawn_at IS 'When it was withdrawn; null while it is shown.';
COMMENT ON CONSTRAINT annotations_kind ON annotations IS 'Only kinds that charts can draw.';
COMMENT ON CONSTRAINT annotations_say_something ON annotations IS 'An annotation is not blank and fits on a chart.';

COMMENT ON TABLE goals IS 'Goal of each metric.';
COMMENT ON COLUMN goals.source IS 'Mode that the goal is for.';
COMMENT ON COLUMN goals.value IS 'The goal, in the metric''s unit.';
COMMENT ON COLUMN goals.set_by IS 'Person who set it.';
COMMENT ON COLUMN goals.set_at IS 'When it was set.';

COMMENT ON TABLE saved_views IS 'Views that staff saved: a page with its filters.';
COMMENT ON COLUMN saved_views.operator IS 'Member of staff who saved it.';
COMMENT ON COLUMN saved_views.page IS 'Page of the dashboard.';
COMMENT ON COLUMN saved_views.name IS 'Name that the person gave.';
COMMENT ON COLUMN saved_views.query IS 'Filters, as the query string of the page.';
COMMENT ON COLUMN saved_views.saved_at IS 'When it was saved.';
COMMENT ON CONSTRAINT saved_views_name_length ON saved_views IS 'A name is not blank and fits into a menu.';

COMMENT ON FUNCTION analyse_misjudged IS 'Analyses tables whose size the planner underestimates tenfold; returns how many. Runs as the owner.';
COMMENT ON COLUMN repeats.workspace_id IS 'Workspace of both days.';
COMMENT ON COLUMN repeats.scope IS 'Among which days the earlier one was looked for: all, those of the plan, of the billing cycle, or of both.';
COMMENT ON COLUMN repeats.previous_day IS 'The latest earlier day within the scope.';
COMMENT ON COLUMN repeats.plan IS 'Plan of the scope; empty where any counts.';
COMMENT ON COLUMN repeats.billing_cycle IS 'Billing cycle of the scope; empty where any counts.';
COMMENT ON COLUMN repeats.value IS '1 when both days count in the metric, else 0.';
COMMENT ON COLUMN repeats.n IS '1 when the earlier day is the last one of the metric, whether it counts or not; else 0.';
COMMENT ON VIEW repeats IS 'Days of a workspace that repeat an earlier one in a metric, each with the day before it.';
COMMENT ON FUNCTION attribute_keys IS 'Returns each key of an attribute once, in order.';
COMMENT ON FUNCTION attribute_segments IS 'Returns each segment of each key once, up to a number for each key.';
COMMENT ON FUNCTION attributes_unset IS 'Returns the attributes of a workspace that has none of these keys: none under each.';
COMMENT ON FUNCTION without_tax IS 'Returns the part of an amount that is revenue, given the revenue and the charged amount of its purchase.';
