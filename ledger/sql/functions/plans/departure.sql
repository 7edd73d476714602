-- When a workspace gave up its plan at or after p_from, as known at p_as_of; NULL while it stays. A return within 30 days
-- makes it a pause, from the day on which it is known. PostgreSQL writes the function out where it is called in FROM.
CREATE OR REPLACE FUNCTION departure(p_workspace_id text, p_from timestamptz, p_as_of timestamptz)
RETURNS TABLE (left_at timestamptz) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT min(s.ended_at) FROM subscriptions s
    WHERE s.workspace_id = p_workspace_id AND s.ended_at >= p_from AND s.ended_at <= p_as_of AND NOT EXISTS (
        SELECT 1 FROM subscriptions again
        WHERE again.workspace_id = s.workspace_id AND (again.started_at, again.subscription_no) > (s.started_at, s.subscription_no)
          AND again.started_at < s.ended_at + interval '30 days' AND again.started_at <= p_as_of)
$$;
