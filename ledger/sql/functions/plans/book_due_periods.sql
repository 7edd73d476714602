-- Books every monthly period that is due by `p_at`: one lot for each, however late. `workspace` is the locked row.
-- Periods of workspaces that Stripe bills come with their paid invoices, never from here.
CREATE OR REPLACE FUNCTION book_due_periods(workspace workspace_minutes, p_at timestamptz) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
DECLARE
    period record;
BEGIN
    IF NOT isfinite(p_at) THEN -- months without end would be due
        RAISE SQLSTATE 'LG423' USING MESSAGE = 'not a time', DETAIL = p_at::text;
    END IF;
    FOR period IN SELECT * FROM due_periods(workspace, p_at) LOOP
        workspace.minutes_reset_date := period.next_due;
        IF period.given THEN
            UPDATE workspace_minutes w SET minutes_reset_date = workspace.minutes_reset_date WHERE w.workspace_id = workspace.workspace_id;
        ELSE
            SELECT p.minutes INTO STRICT workspace.minutes_total FROM plans p WHERE p.plan = workspace.plan;
            workspace := add_reset_lot(workspace, workspace.minutes_total, period.due, false);
        END IF;
    END LOOP;
    RETURN workspace;
END $$;
