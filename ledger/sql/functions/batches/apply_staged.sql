-- Moves the locked rows of a batch to the state after its last new use, which is that of the last entry. A current lot that holds
-- more than the batch wants stays it.
CREATE OR REPLACE FUNCTION apply_staged(p_batch bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE workspace_minutes w
    SET entry_no = s.last_entry_no, minutes_remaining = s.plan_after, extra_minutes_remaining = s.extra_after,
        minutes_used = s.used_after, latest_at = s.latest_at, recorded_at = s.recorded_at,
        current_lot_id = CASE WHEN s.beyond_lot THEN s.lot_id ELSE w.current_lot_id END,
        current_remaining = CASE WHEN s.beyond_lot THEN coalesce(s.remaining, 0) ELSE w.current_remaining - s.demand END,
        current_is_plan = CASE WHEN s.beyond_lot THEN coalesce(s.is_plan, false) ELSE w.current_is_plan END,
        warned = greatest(w.warned, gauge_level(w.gauge_base, s.plan_after + s.extra_after)),
        plan_exhausted = w.plan_exhausted OR (s.alerting AND EXISTS (
            SELECT 1 FROM usage_alerts a WHERE a.workspace_id = w.workspace_id AND a.epoch = w.epoch AND a.kind = 'plan_exhausted')),
        limit_hit = w.limit_hit OR s.plan_after + s.extra_after = 0
    FROM (
        SELECT x.workspace_id, x.last_entry_no, x.demand, x.beyond_lot, x.alerting, e.plan_after, e.extra_after, e.used_after,
               e.latest_at, e.recorded_at, f.lot_id, f.remaining, f.is_plan
        FROM staged_workspaces x
        JOIN entries e ON e.workspace_id = x.workspace_id AND e.entry_no = x.last_entry_no
        LEFT JOIN LATERAL (
            SELECT l.lot_id, l.remaining, l.kind = 'plan' AS is_plan FROM stored_lots l
            WHERE l.workspace_id = x.workspace_id AND x.beyond_lot AND l.open ORDER BY l.burn_order, l.lot_id LIMIT 1
        ) f ON true
        WHERE x.batch = p_batch
    ) s
    WHERE w.workspace_id = s.workspace_id;
END $$;
