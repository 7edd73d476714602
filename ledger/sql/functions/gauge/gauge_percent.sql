-- Percent used on the gauge, rounded down to one decimal; null while the gauge has no gauge_base.
CREATE OR REPLACE FUNCTION gauge_percent(gauge_base bigint, balance bigint) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN trunc(floor(1000 * (gauge_base - balance)::numeric / nullif(gauge_base, 0)) / 10, 1);
