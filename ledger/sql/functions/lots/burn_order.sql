-- The order of use, written here and nowhere else: plan lots before all others, then by age. The lot with the smallest number is
-- used first; ties are broken by lot_id. `migrate` orders all open lots again when this function has changed.
CREATE OR REPLACE FUNCTION burn_order(kind lot_kind, acquired_at timestamptz, expires_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE kind WHEN 'plan' THEN 0 ELSE 1000000000000000000 END
       + (extract(epoch FROM acquired_at - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint;
