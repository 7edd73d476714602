-- The monthly periods of a workspace that are due by `p_at` and not booked yet, the oldest first; none where Stripe bills.
-- given: a period that has its lot already (the cycle was restarted with an earlier date) and is passed over.
CREATE OR REPLACE FUNCTION due_periods(workspace workspace_minutes, p_at timestamptz)
RETURNS TABLE (due timestamptz, next_due timestamptz, given boolean)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE periods AS (
        SELECT workspace.minutes_reset_date AS due
        WHERE workspace.managed_by = 'ledger' AND workspace.minutes_reset_date <= p_at AND isfinite(p_at)
        UNION ALL
        SELECT n.due FROM periods p CROSS JOIN LATERAL next_reset(workspace.anchor_at, p.due) AS n (due) WHERE n.due <= p_at
    )
    SELECT p.due, next_reset(workspace.anchor_at, p.due),
           EXISTS (SELECT FROM stored_lots l WHERE l.workspace_id = workspace.workspace_id AND l.period_start = p.due)
    FROM periods p ORDER BY p.due;
$$;
