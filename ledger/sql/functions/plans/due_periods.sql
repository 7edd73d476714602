-- The monthly periods of a workspace that are due by `p_at` and not booked yet, the oldest first; none where Stripe bills.
-- given: a period that has its lot already (the cycle was restarted with an earlier date) and is passed over.
CREATE OR REPLACE FUNCTION due_periods(workspace workspace_minutes, p_at timestamptz)
RETURNS TABLE (due timestamptz, next_due timestamptz, given boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    due := workspace.minutes_reset_date;
    WHILE workspace.managed_by = 'ledger' AND due <= p_at AND isfinite(p_at) LOOP
        next_due := next_reset(workspace.anchor_at, due);
        given := EXISTS (SELECT 1 FROM stored_lots l WHERE l.workspace_id = workspace.workspace_id AND l.period_start = due);
        RETURN NEXT;
        due := next_due;
    END LOOP;
END $$;
