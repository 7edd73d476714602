-- The workspaces of a batch, usually few, whose new uses ask for all that their current lot holds, or more.
CREATE OR REPLACE FUNCTION staged_beyond_lot(p_batch bigint)
RETURNS TABLE (workspace_id text, demand bigint, current_remaining bigint)
LANGUAGE sql STABLE AS $$
    SELECT s.workspace_id, s.demand, w.current_remaining
    FROM staged_workspaces(p_batch) s
    JOIN workspace_minutes w ON w.workspace_id = s.workspace_id AND w.current_remaining <= s.demand;
$$;
