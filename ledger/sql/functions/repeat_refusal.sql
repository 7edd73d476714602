-- Why a repeated key may not have the first answer: another body, or an all or nothing use that was refused before. Null: it may.
CREATE OR REPLACE FUNCTION repeat_refusal(entry entries, p_minutes bigint, p_duration_seconds bigint, p_take use_take) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN entry.minutes <> p_minutes OR entry.duration_seconds IS DISTINCT FROM p_duration_seconds THEN 'LG409'
    WHEN entry.take = 'refused' AND p_take = 'full' THEN 'LG402'
    WHEN entry.take <> p_take THEN 'LG409'
END;
