-- Books every period due by `p_at`; returns the number of the last entry (unchanged when nothing was due).
CREATE OR REPLACE FUNCTION reset_monthly_minutes(p_workspace_id text, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    wm workspace_minutes := lock_workspace(p_workspace_id);
BEGIN
    wm := book_due_periods(wm, p_at);
    RETURN wm.entry_no;
END $$;
