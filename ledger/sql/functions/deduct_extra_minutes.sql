-- Draws from extra minutes only, now; otherwise a use like any other.
CREATE OR REPLACE FUNCTION deduct_extra_minutes(workspace_id text, minutes bigint, key text)
RETURNS TABLE (entry_no bigint, from_extra bigint, unmet_minutes bigint, plan_minutes bigint, extra_minutes bigint, repeated boolean)
LANGUAGE plpgsql AS $$
DECLARE
    used record;
BEGIN
    SELECT * INTO used FROM record_use(workspace_id, minutes, key, clock_timestamp(), NULL, 'extra');
    IF used.refusal IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = used.refusal, MESSAGE = 'use refused', DETAIL = workspace_id;
    END IF;
    RETURN QUERY SELECT (used.entry).entry_no, -(used.entry).extra_delta, (used.entry).unmet_minutes,
                        (used.entry).plan_after, (used.entry).extra_after, used.repeated;
END $$;
