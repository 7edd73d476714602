-- Ends the running plan spell, if there is one. `wm` is the locked row; the caller stores it.
CREATE OR REPLACE FUNCTION end_subscription(wm workspace_minutes, p_at timestamptz) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE subscriptions s SET ended_at = greatest(s.started_at, p_at)
    WHERE s.workspace_id = wm.workspace_id AND s.subscription_no = wm.subscription_no AND s.ended_at IS NULL;
    wm.plan := NULL;
    wm.billing_cycle := NULL;
    wm.managed_by := NULL;
    wm.anchor_at := NULL;
    wm.minutes_reset_date := NULL;
    wm.subscription_no := NULL;
    RETURN wm;
END $$;
