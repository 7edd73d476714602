-- Why a repeated key may not have the first answer: another body, or an all or nothing use that was refused before. Null: it may.
CREATE OR REPLACE FUNCTION repeat_refusal(entry entries, p_minutes bigint, p_duration_seconds bigint, p_overage_policy overage_policy) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN entry.minutes <> p_minutes OR entry.duration_seconds IS DISTINCT FROM p_duration_seconds THEN 'LG409'
    WHEN entry.overage_policy = 'refused' AND p_overage_policy = 'full' THEN 'LG402'
    WHEN entry.overage_policy <> p_overage_policy THEN 'LG409'
END;
