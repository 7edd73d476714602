-- The workspaces of a batch that have new uses: how many, the minutes asked by all of them, when the latest happened, and what is
-- not usual. singly: a reset falls due within the batch, or there are so many lots that only the first ones may be read.
-- beyond_lot: the uses ask for all that the current lot holds, or more. usage_alert: they reach a threshold or the end of a pool.
CREATE OR REPLACE FUNCTION staged_workspaces(p_batch bigint)
RETURNS TABLE (
    workspace_id text, uses bigint, demand bigint, latest_at timestamptz, singly boolean, beyond_lot boolean, usage_alert boolean
)
LANGUAGE sql STABLE AS $$
    SELECT s.workspace_id, s.uses, s.demand, s.latest_at,
           w.lot_count > 1000 OR coalesce(w.managed_by = 'ledger' AND w.minutes_reset_date <= s.latest_at, false) AS singly,
           s.demand >= w.current_remaining AS beyond_lot,
           s.demand >= w.minutes_remaining + w.extra_minutes_remaining
               OR (w.minutes_remaining > 0 AND s.demand >= w.minutes_remaining)
               OR gauge_level(w.gauge_base, w.minutes_remaining + w.extra_minutes_remaining - s.demand) > w.warned AS usage_alert
    FROM (
        SELECT b.workspace_id, count(*) AS uses, max(b.demand) AS demand, max(b.latest_at) AS latest_at
        FROM use_batches b
        WHERE b.batch = p_batch AND b.booked_no IS NULL
        GROUP BY b.workspace_id
    ) s
    CROSS JOIN LATERAL ( -- not a join: turned round, it would gather the batch anew for each of its workspaces
        SELECT m.* FROM workspace_minutes m WHERE m.workspace_id = s.workspace_id OFFSET 0
    ) w;
$$;
