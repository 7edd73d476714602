-- Why a use can never be booked, whatever its workspace holds: the SQLSTATE. Null: it can.
CREATE OR REPLACE FUNCTION use_refusal(p_minutes bigint, p_at timestamptz, p_duration_seconds bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN (p_minutes BETWEEN 1 AND 1000000) IS NOT TRUE THEN 'LG422'
    WHEN p_duration_seconds < 0 THEN 'LG425'
    WHEN (p_at >= timestamptz '1970-01-01 00:00+00' AND p_at < timestamptz '2200-01-01 00:00+00') IS NOT TRUE THEN 'LG423'
END;
