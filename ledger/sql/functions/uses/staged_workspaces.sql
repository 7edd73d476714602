-- The workspaces of a batch that have new uses: how many, the minutes wanted by all of them, when the latest happened, the number
-- of the last entry, and what is not usual. beyond_lot: the uses want all that the current lot holds, or more. alerting: they reach
-- a threshold or the end of a pool. singly: a reset falls due within the batch, or lots must be read that are too many, or that
-- hold another number of minutes than the balance, so that some of its uses may be refused.
CREATE OR REPLACE VIEW staged_workspaces AS
    SELECT s.batch, s.workspace_id, s.uses, s.demand, s.latest_at, w.entry_no + s.uses AS last_entry_no,
           s.demand >= w.current_remaining AS beyond_lot,
           s.demand >= w.minutes_remaining + w.extra_minutes_remaining
               OR (w.minutes_remaining > 0 AND s.demand >= w.minutes_remaining)
               OR gauge_level(w.gauge_base, w.minutes_remaining + w.extra_minutes_remaining - s.demand) > w.warned AS alerting,
           coalesce(w.managed_by = 'ledger' AND w.minutes_reset_date <= s.latest_at, false)
               OR CASE WHEN s.demand < w.current_remaining THEN false WHEN w.lot_count > 10000 THEN true ELSE (
                      SELECT count(*) > 1000
                             OR coalesce(sum(l.remaining) FILTER (WHERE l.kind = 'plan'), 0) <> w.minutes_remaining
                             OR coalesce(sum(l.remaining) FILTER (WHERE l.kind <> 'plan'), 0) <> w.extra_minutes_remaining
                      FROM lots l WHERE l.workspace_id = s.workspace_id AND l.open
                  ) END AS singly
    FROM (
        SELECT b.batch, b.workspace_id, count(*) AS uses, max(b.demand) AS demand, max(b.latest_at) AS latest_at
        FROM use_batches b
        WHERE b.booked_no IS NULL AND b.refusal IS NULL
        GROUP BY b.batch, b.workspace_id
    ) s
    JOIN workspace_minutes w ON w.workspace_id = s.workspace_id;

-- grants
GRANT SELECT ON staged_workspaces TO ledger_app;
