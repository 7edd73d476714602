-- Ends the running subscription, if there is one. `workspace` is the locked row; the caller stores it.
CREATE OR REPLACE FUNCTION end_subscription(workspace workspace_minutes, p_at timestamptz) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE subscriptions s SET ended_at = greatest(s.started_at, p_at)
    WHERE s.workspace_id = workspace.workspace_id AND s.subscription_no = workspace.subscription_no AND s.ended_at IS NULL;
    workspace.plan := NULL;
    workspace.billing_cycle := NULL;
    workspace.managed_by := NULL;
    workspace.anchor_at := NULL;
    workspace.minutes_reset_date := NULL;
    workspace.subscription_no := NULL;
    RETURN workspace;
END $$;
