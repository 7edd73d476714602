-- Percent used on the gauge, rounded down to one decimal; null while the gauge has no top.
CREATE OR REPLACE FUNCTION gauge_percent(top bigint, balance bigint) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN trunc(floor(1000 * (top - balance)::numeric / nullif(top, 0)) / 10, 1);
