-- Books every period due by `p_at`; returns the number of the last entry (unchanged when nothing was due).
CREATE OR REPLACE FUNCTION reset_monthly_minutes(p_workspace_id text, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
BEGIN
    workspace := book_due_periods(workspace, p_at);
    RETURN workspace.entry_no;
END $$;
