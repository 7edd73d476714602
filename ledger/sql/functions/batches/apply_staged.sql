-- Moves the locked rows of a batch to the state after its last new use. A current lot that holds more than that stays it.
CREATE OR REPLACE FUNCTION apply_staged(p_batch bigint, p_recorded_at timestamptz) RETURNS void
LANGUAGE sql AS $$
    UPDATE workspace_minutes w
    SET entry_no = w.entry_no + s.uses,
        minutes_remaining = greatest(w.minutes_remaining - s.demand, 0),
        extra_minutes_remaining = least(w.extra_minutes_remaining, greatest(w.minutes_remaining + w.extra_minutes_remaining - s.demand, 0)),
        current_lot_id = CASE WHEN s.beyond_lot THEN s.lot_id ELSE w.current_lot_id END,
        current_remaining = CASE WHEN s.beyond_lot THEN coalesce(s.remaining, 0) ELSE w.current_remaining - s.demand END,
        minutes_used = w.minutes_used + least(s.demand, w.minutes_remaining + w.extra_minutes_remaining),
        latest_at = greatest(w.latest_at, s.latest_at), recorded_at = greatest(w.recorded_at, p_recorded_at),
        warned = greatest(w.warned, gauge_level(w.gauge_base, w.minutes_remaining + w.extra_minutes_remaining - s.demand)),
        plan_exhausted = w.plan_exhausted
            OR (w.minutes_remaining > 0 AND w.extra_minutes_remaining > 0 AND s.demand >= w.minutes_remaining),
        limit_hit = w.limit_hit OR s.demand >= w.minutes_remaining + w.extra_minutes_remaining
    FROM (
        SELECT d.*, f.lot_id, f.remaining
        FROM staged_workspaces(p_batch) d
        LEFT JOIN LATERAL next_lot(CASE WHEN d.beyond_lot THEN d.workspace_id END, false) f ON true
        OFFSET 0 -- first these, then each workspace by its key
    ) s
    WHERE w.workspace_id = s.workspace_id;
$$;
