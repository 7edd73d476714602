-- Refuses, with its words, a use that can never be booked: one place for single uses and batches.
CREATE OR REPLACE FUNCTION raise_use_refusal(p_refusal text, p_minutes bigint, p_at timestamptz, p_duration_seconds bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = p_refusal,
        MESSAGE = CASE p_refusal WHEN 'LG422' THEN 'minutes are 1 to 1,000,000'
                                 WHEN 'LG423' THEN 'a use lies in the years 1970 to 2199'
                                 ELSE 'a duration is 0 seconds or more' END,
        DETAIL = coalesce(CASE p_refusal WHEN 'LG422' THEN p_minutes::text WHEN 'LG423' THEN p_at::text
                                         ELSE p_duration_seconds::text END, 'NULL');
END $$;
