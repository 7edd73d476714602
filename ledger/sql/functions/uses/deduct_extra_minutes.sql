-- Draws from extra minutes only, now; otherwise a use like any other, with the same entry and the same answer.
CREATE OR REPLACE FUNCTION deduct_extra_minutes(workspace_id text, minutes bigint, key text)
RETURNS TABLE (entry_no bigint, from_plan bigint, from_extra bigint, unmet_minutes bigint, plan_minutes bigint, extra_minutes bigint,
               total_minutes bigint, percent_used numeric, thresholds smallint[], repeated boolean)
LANGUAGE plpgsql AS $$
DECLARE
    used record;
    booked entries;
BEGIN
    IF key IS NULL OR length(key) NOT BETWEEN 1 AND 255 THEN
        RAISE SQLSTATE 'LG424' USING MESSAGE = 'a key has 1 to 255 characters', DETAIL = coalesce(left(key, 60), 'NULL');
    END IF;
    SELECT * INTO used FROM record_use(workspace_id, coalesce(minutes, 0), key, clock_timestamp(), NULL, 'extra');
    IF used.refusal IS NOT NULL THEN -- whoever types this into psql sees the words, not the SQLSTATE
        RAISE EXCEPTION USING
            ERRCODE = used.refusal,
            MESSAGE = CASE used.refusal WHEN 'LG404' THEN 'there is no such workspace'
                                        WHEN 'LG409' THEN 'this idempotency key was already used with different parameters'
                                        WHEN 'LG500' THEN 'the lots of this workspace hold less than its balance'
                                        ELSE 'minutes must be a whole number from 1 to 1,000,000' END,
            DETAIL = coalesce(CASE used.refusal WHEN 'LG404' THEN workspace_id WHEN 'LG409' THEN key ELSE minutes::text END, 'NULL');
    END IF;
    booked := used.entry;
    RETURN QUERY SELECT booked.entry_no, -booked.plan_delta::bigint, -booked.extra_delta::bigint, booked.unmet_minutes::bigint,
                        booked.plan_after,
                        booked.extra_after, booked.plan_after + booked.extra_after,
                        gauge_percent(booked.gauge_base, booked.plan_after + booked.extra_after), coalesce(booked.thresholds, '{}'),
                        used.repeated;
END $$;
