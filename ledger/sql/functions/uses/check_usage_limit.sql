-- Would a use of `minutes` be covered now? Books nothing. `warning` is the highest threshold now reached, or null.
CREATE OR REPLACE FUNCTION check_usage_limit(workspace_id text, minutes bigint)
RETURNS TABLE (allowed boolean, plan_minutes bigint, extra_minutes bigint, total_minutes bigint, percent_used numeric,
               warning smallint, minutes_reset_date timestamptz, using_extra boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF minutes IS NULL OR minutes NOT BETWEEN 1 AND 1000000 THEN
        RAISE SQLSTATE 'LG422' USING
            MESSAGE = 'minutes are whole numbers from 1 to 1,000,000', DETAIL = coalesce(minutes::text, 'NULL');
    END IF;
    RETURN QUERY
        SELECT w.minutes_remaining + w.extra_minutes_remaining >= check_usage_limit.minutes, w.minutes_remaining, w.extra_minutes_remaining,
               w.minutes_remaining + w.extra_minutes_remaining,
               gauge_percent(w.gauge_base, w.minutes_remaining + w.extra_minutes_remaining),
               nullif(gauge_level(w.gauge_base, w.minutes_remaining + w.extra_minutes_remaining), 0),
               w.minutes_reset_date, w.minutes_remaining = 0 AND w.extra_minutes_remaining > 0
        FROM workspace_minutes w
        WHERE w.workspace_id = check_usage_limit.workspace_id;
END $$;
