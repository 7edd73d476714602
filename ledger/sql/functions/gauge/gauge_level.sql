-- The highest of 80, 90, 100 that `balance` has reached on a gauge whose 0% mark is `gauge_base`; 0 when none.
-- Integers only: at 80% exactly, 80 is reached. A gauge without a gauge_base never warns.
CREATE OR REPLACE FUNCTION gauge_level(gauge_base bigint, balance bigint) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (CASE
    WHEN gauge_base = 0 THEN 0
    WHEN balance <= 0 THEN 100
    WHEN 100 * (gauge_base - balance) >= 90 * gauge_base THEN 90
    WHEN 100 * (gauge_base - balance) >= 80 * gauge_base THEN 80
    ELSE 0
END)::smallint;
