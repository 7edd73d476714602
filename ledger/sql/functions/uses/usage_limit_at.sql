-- Would a use of `minutes` at `p_at` be covered? Counts what is due by then and books nothing.
-- `warning` is the highest threshold now reached, or null.
CREATE OR REPLACE FUNCTION usage_limit_at(workspace_id text, minutes bigint, p_at timestamptz)
RETURNS TABLE (allowed boolean, plan_minutes bigint, extra_minutes bigint, total_minutes bigint, percent_used numeric,
               warning smallint, minutes_reset_date timestamptz, using_extra boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    workspace workspace_minutes;
    total bigint;
BEGIN
    IF minutes IS NULL OR minutes NOT BETWEEN 1 AND 1000000 THEN
        RAISE SQLSTATE 'LG422' USING
            MESSAGE = 'minutes must be a whole number from 1 to 1,000,000', DETAIL = coalesce(minutes::text, 'NULL');
    END IF;
    SELECT * INTO workspace FROM workspace_minutes w WHERE w.workspace_id = usage_limit_at.workspace_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF workspace.minutes_reset_date <= p_at THEN
        workspace := after_due_periods(workspace, p_at);
    END IF;
    total := workspace.minutes_remaining + workspace.extra_minutes_remaining;
    RETURN QUERY
        SELECT total >= usage_limit_at.minutes, workspace.minutes_remaining, workspace.extra_minutes_remaining, total,
               gauge_percent(workspace.gauge_base, total), nullif(gauge_level(workspace.gauge_base, total), 0::smallint),
               workspace.minutes_reset_date, workspace.minutes_remaining = 0 AND workspace.extra_minutes_remaining > 0;
END $$;
