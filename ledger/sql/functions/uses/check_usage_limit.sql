-- Would a use of `minutes` be covered now, by the clock of the database? Books nothing.
CREATE OR REPLACE FUNCTION check_usage_limit(workspace_id text, minutes bigint)
RETURNS TABLE (allowed boolean, plan_minutes bigint, extra_minutes bigint, total_minutes bigint, percent_used numeric,
               warning smallint, minutes_reset_date timestamptz, using_extra boolean)
LANGUAGE sql STABLE AS $$
    SELECT * FROM usage_limit_at(workspace_id, minutes, clock_timestamp());
$$;
