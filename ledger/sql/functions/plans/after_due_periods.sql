-- The workspace as it will be when the periods due by `p_at` are booked. Books nothing: readers answer with it.
CREATE OR REPLACE FUNCTION after_due_periods(workspace workspace_minutes, p_at timestamptz) RETURNS workspace_minutes
LANGUAGE plpgsql STABLE AS $$
DECLARE
    due record;
BEGIN
    SELECT count(*) FILTER (WHERE NOT d.given) AS periods, max(d.next_due) AS reset_date INTO due FROM due_periods(workspace, p_at) d;
    workspace.minutes_reset_date := coalesce(due.reset_date, workspace.minutes_reset_date);
    IF due.periods > 0 THEN
        SELECT p.minutes INTO STRICT workspace.minutes_total FROM plans p WHERE p.plan = workspace.plan;
        workspace.minutes_remaining := workspace.minutes_remaining + due.periods * workspace.minutes_total;
        workspace.gauge_base := workspace.minutes_remaining + workspace.extra_minutes_remaining;
        workspace.epoch := workspace.epoch + due.periods;
    END IF;
    RETURN workspace;
END $$;
