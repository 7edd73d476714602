-- The workspaces of a batch that have new uses: how many, the minutes asked by all of them, and when the latest happened.
CREATE OR REPLACE FUNCTION staged_workspaces(p_batch bigint)
RETURNS TABLE (workspace_id text, uses bigint, demand bigint, latest_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT b.workspace_id, count(*), max(b.demand), max(b.latest_at)
    FROM use_batches b
    WHERE b.batch = p_batch AND b.booked_no IS NULL
    GROUP BY b.workspace_id;
$$;
