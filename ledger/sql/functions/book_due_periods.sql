-- Books every monthly period that is due by `p_at`: one lot for each, however late. `wm` is the locked row.
-- Periods of workspaces that Stripe bills come with their paid invoices, never from here.
CREATE OR REPLACE FUNCTION book_due_periods(wm workspace_minutes, p_at timestamptz) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
DECLARE
    period_start timestamptz;
    plan_minutes bigint;
BEGIN
    WHILE wm.managed_by = 'ledger' AND wm.minutes_reset_date <= p_at LOOP
        period_start := wm.minutes_reset_date;
        SELECT p.minutes INTO STRICT plan_minutes FROM plans p WHERE p.plan = wm.plan;
        wm.minutes_reset_date := next_reset(wm.anchor_at, period_start);
        wm := add_plan_lot(wm, 'reset', plan_minutes, period_start,
                           to_char(period_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                           period_start, 'schedule', NULL);
    END LOOP;
    RETURN wm;
END $$;
