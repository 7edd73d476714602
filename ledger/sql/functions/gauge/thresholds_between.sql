-- The thresholds above `warned` up to `level`: all that one use crossed.
CREATE OR REPLACE FUNCTION thresholds_between(warned smallint, level smallint) RETURNS smallint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE level
    WHEN 100 THEN CASE warned WHEN 0 THEN '{80,90,100}' WHEN 80 THEN '{90,100}' ELSE '{100}' END
    WHEN 90 THEN CASE warned WHEN 0 THEN '{80,90}' ELSE '{90}' END
    ELSE '{80}'
END::smallint[];
