-- The reset after `period_start` on the billing anchor: same day and time one calendar month later, UTC, clamped to the
-- last day of a short month (31 January -> 28 or 29 February -> 31 March).
CREATE OR REPLACE FUNCTION next_reset(anchor_at timestamptz, period_start timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    (anchor_at AT TIME ZONE 'UTC') + make_interval(months => 1 + (
        12 * (extract(year FROM period_start AT TIME ZONE 'UTC') - extract(year FROM anchor_at AT TIME ZONE 'UTC'))
        + extract(month FROM period_start AT TIME ZONE 'UTC') - extract(month FROM anchor_at AT TIME ZONE 'UTC')
    )::integer)
) AT TIME ZONE 'UTC';
