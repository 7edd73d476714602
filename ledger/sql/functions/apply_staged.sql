-- Moves the locked rows of a batch to the state after its last new use. A current lot that holds more than that is not looked for.
CREATE OR REPLACE FUNCTION apply_staged(p_batch bigint, p_recorded_at timestamptz) RETURNS void
LANGUAGE sql AS $$
    UPDATE workspace_minutes w
    SET entry_no = w.entry_no + s.uses,
        minutes_remaining = greatest(w.minutes_remaining - s.demand, 0),
        extra_minutes_remaining = least(w.extra_minutes_remaining, greatest(w.minutes_remaining + w.extra_minutes_remaining - s.demand, 0)),
        current_lot_id = CASE WHEN s.demand < w.current_remaining THEN w.current_lot_id ELSE s.lot_id END,
        current_remaining = CASE WHEN s.demand < w.current_remaining THEN w.current_remaining - s.demand ELSE coalesce(s.remaining, 0) END,
        minutes_used = w.minutes_used + least(s.demand, w.minutes_remaining + w.extra_minutes_remaining),
        latest_at = greatest(w.latest_at, s.latest_at), recorded_at = greatest(w.recorded_at, p_recorded_at),
        warned = greatest(w.warned, gauge_level(w.top, w.minutes_remaining + w.extra_minutes_remaining - s.demand)),
        plan_exhausted = w.plan_exhausted
            OR (w.minutes_remaining > 0 AND w.extra_minutes_remaining > 0 AND s.demand >= w.minutes_remaining),
        limit_hit = w.limit_hit OR s.demand >= w.minutes_remaining + w.extra_minutes_remaining
    FROM (
        SELECT d.*, f.lot_id, f.remaining
        FROM staged_workspaces(p_batch) d
        LEFT JOIN LATERAL (
            SELECT l.lot_id, l.remaining FROM stored_lots l
            WHERE l.workspace_id = d.workspace_id AND l.open ORDER BY l.turn, l.lot_id LIMIT 1
        ) f ON true
        OFFSET 0 -- first these, then each workspace by its key
    ) s
    WHERE w.workspace_id = s.workspace_id;
$$;
