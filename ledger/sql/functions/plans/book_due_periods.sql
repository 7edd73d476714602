-- Books every monthly period that is due by `p_at`: one lot for each, however late. `workspace` is the locked row.
-- A period that has its lot already (the cycle was restarted with an earlier date) is passed over.
-- Periods of workspaces that Stripe bills come with their paid invoices, never from here.
CREATE OR REPLACE FUNCTION book_due_periods(workspace workspace_minutes, p_at timestamptz) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
DECLARE
    due timestamptz;
    plan_minutes bigint;
BEGIN
    IF NOT isfinite(p_at) THEN -- months without end would be due
        RAISE SQLSTATE 'LG423' USING MESSAGE = 'not a time', DETAIL = p_at::text;
    END IF;
    WHILE workspace.managed_by = 'ledger' AND workspace.minutes_reset_date <= p_at LOOP
        due := workspace.minutes_reset_date;
        SELECT p.minutes INTO STRICT plan_minutes FROM plans p WHERE p.plan = workspace.plan;
        workspace.minutes_reset_date := next_reset(workspace.anchor_at, due);
        IF EXISTS (SELECT FROM lots l WHERE l.workspace_id = workspace.workspace_id AND l.period_start = due) THEN
            UPDATE workspace_minutes w SET minutes_reset_date = workspace.minutes_reset_date WHERE w.workspace_id = workspace.workspace_id;
        ELSE
            workspace.minutes_total := plan_minutes;
            workspace := add_reset_lot(workspace, plan_minutes, due, false);
        END IF;
    END LOOP;
    RETURN workspace;
END $$;
