-- The workspaces of a batch that have new uses: how many, the minutes wanted by all of them, when the latest happened, the number
-- of the last entry, and what is not usual. beyond_lot: the uses want all that the current lot holds, or more. alerting: they reach
-- a threshold or the end of a pool. singly: a reset falls due within the batch, or lots must be read that are too many, or that
-- hold another number of minutes than the balance, so that some of its uses may be refused.
CREATE OR REPLACE FUNCTION staged_workspaces(p_batch bigint)
RETURNS TABLE (
    workspace_id text, uses bigint, demand bigint, latest_at timestamptz, last_entry_no bigint, beyond_lot boolean, alerting boolean,
    singly boolean
)
LANGUAGE sql STABLE AS $$
    SELECT s.workspace_id, s.uses, s.demand, s.latest_at, w.entry_no + s.uses,
           s.demand >= w.current_remaining,
           s.demand >= w.minutes_remaining + w.extra_minutes_remaining
               OR (w.minutes_remaining > 0 AND s.demand >= w.minutes_remaining)
               OR gauge_level(w.gauge_base, w.minutes_remaining + w.extra_minutes_remaining - s.demand) > w.warned,
           coalesce(w.managed_by = 'ledger' AND w.minutes_reset_date <= s.latest_at, false)
               OR CASE WHEN s.demand >= w.current_remaining THEN (
                      SELECT count(*) > 1000
                             OR coalesce(sum(l.remaining) FILTER (WHERE l.kind = 'plan'), 0) <> w.minutes_remaining
                             OR coalesce(sum(l.remaining) FILTER (WHERE l.kind <> 'plan'), 0) <> w.extra_minutes_remaining
                      FROM (SELECT o.kind, o.remaining FROM lots o WHERE o.workspace_id = s.workspace_id AND o.open LIMIT 1001) l
                  ) ELSE false END
    FROM (
        SELECT b.workspace_id, count(*) AS uses, max(b.demand) AS demand, max(b.latest_at) AS latest_at
        FROM use_batches b
        WHERE b.batch = p_batch AND b.booked_no IS NULL AND b.refusal IS NULL
        GROUP BY b.workspace_id
    ) s
    CROSS JOIN LATERAL ( -- not a join: turned round, it would gather the batch anew for each of its workspaces
        SELECT m.* FROM workspace_minutes m WHERE m.workspace_id = s.workspace_id OFFSET 0
    ) w;
$$;
