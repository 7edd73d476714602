-- The plan a workspace had at a moment; 'none' between two subscriptions. p_what: 'plan' or 'billing_cycle'.
CREATE OR REPLACE FUNCTION plan_at(p_workspace_id text, p_at timestamptz, p_what text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(
        (SELECT CASE p_what WHEN 'plan' THEN s.plan ELSE s.billing_cycle END
         FROM subscriptions s
         WHERE s.workspace_id = p_workspace_id AND s.started_at <= p_at AND (s.ended_at IS NULL OR s.ended_at > p_at)
         ORDER BY s.started_at DESC, s.subscription_no DESC LIMIT 1), 'none');
END $$;
