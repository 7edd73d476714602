-- The highest of 80, 90, 100 that `balance` has reached on a gauge whose 0 % mark is `top`; 0 when none.
-- Integers only: at 80 % exactly, 80 is reached. A gauge without a top never warns.
CREATE OR REPLACE FUNCTION gauge_level(top bigint, balance bigint) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (CASE
    WHEN top = 0 THEN 0
    WHEN balance <= 0 THEN 100
    WHEN 100 * (top - balance) >= 90 * top THEN 90
    WHEN 100 * (top - balance) >= 80 * top THEN 80
    ELSE 0
END)::smallint;
