-- Ends the plan at `p_at`: periods due by then are booked first, none follows. The minutes stay. A plan of ours that began, or was
-- allocated again, after `p_at` goes on: the newest business time decides.
CREATE OR REPLACE FUNCTION cancel_plan(p_workspace_id text, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
BEGIN
    IF workspace.managed_by = 'ledger' AND workspace.anchor_at > p_at THEN
        RETURN workspace.entry_no;
    END IF;
    workspace := end_subscription(book_due_periods(workspace, p_at), p_at);
    UPDATE workspace_minutes w
    SET plan = NULL, billing_cycle = NULL, managed_by = NULL, anchor_at = NULL, minutes_reset_date = NULL, subscription_no = NULL
    WHERE w.workspace_id = p_workspace_id;
    RETURN workspace.entry_no;
END $$;
