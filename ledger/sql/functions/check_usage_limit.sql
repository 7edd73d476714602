-- Would a use of `minutes` be covered now? Books nothing. `warning` is the highest threshold now reached, or null.
CREATE OR REPLACE FUNCTION check_usage_limit(workspace_id text, minutes bigint)
RETURNS TABLE (allowed boolean, plan_minutes bigint, extra_minutes bigint, total_minutes bigint, percent_used numeric,
               warning smallint, minutes_reset_date timestamptz, using_extra boolean)
LANGUAGE sql STABLE AS $$
    SELECT w.minutes_remaining + w.extra_minutes_remaining >= check_usage_limit.minutes, w.minutes_remaining, w.extra_minutes_remaining,
           w.minutes_remaining + w.extra_minutes_remaining,
           gauge_percent(w.top, w.minutes_remaining + w.extra_minutes_remaining),
           nullif(gauge_level(w.top, w.minutes_remaining + w.extra_minutes_remaining), 0),
           w.minutes_reset_date, w.minutes_remaining = 0 AND w.extra_minutes_remaining > 0
    FROM workspace_minutes w
    WHERE w.workspace_id = check_usage_limit.workspace_id;
$$;
