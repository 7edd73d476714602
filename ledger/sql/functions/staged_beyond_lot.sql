-- The workspaces of a batch, usually few, whose new uses ask for all that their current lot holds, or more.
CREATE OR REPLACE FUNCTION staged_beyond_lot(p_batch bigint)
RETURNS TABLE (workspace_id text, demand bigint, current_remaining bigint)
LANGUAGE sql STABLE AS $$
    SELECT s.workspace_id, s.demand, w.current_remaining
    FROM (
        SELECT b.workspace_id, max(b.demand) AS demand
        FROM use_batches b WHERE b.batch = p_batch AND b.booked_no IS NULL GROUP BY b.workspace_id
    ) s
    JOIN workspace_minutes w ON w.workspace_id = s.workspace_id AND w.current_remaining <= s.demand;
$$;
