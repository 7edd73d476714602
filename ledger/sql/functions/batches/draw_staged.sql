-- Draws of a batch where its uses empty a lot: those whose stretch of the balance overlaps the stretch that a lot holds, but for
-- uses that leave minutes in the one lot they draw from, and name it. And what is left of these lots, as by draw_lots.
CREATE OR REPLACE FUNCTION draw_staged(p_batch bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- The entries of the batch are booked; the row of their workspace is as it was before them.
    INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes)
    SELECT x.workspace_id, e.entry_no, l.lot_id,
           least(e.used_after - w.minutes_used, l.to_minute)
               - greatest(e.used_after - w.minutes_used + e.plan_delta + e.extra_delta, l.from_minute)
    FROM staged_workspaces x
    JOIN workspace_minutes w ON w.workspace_id = x.workspace_id
    JOIN entries e ON e.workspace_id = x.workspace_id AND e.entry_no > w.entry_no AND e.lot_id IS NULL AND e.plan_delta + e.extra_delta < 0
    CROSS JOIN LATERAL (
        SELECT o.lot_id, o.from_minute, o.to_minute FROM open_lots o WHERE o.workspace_id = x.workspace_id
    ) l
    WHERE x.batch = p_batch AND x.beyond_lot AND l.from_minute < e.used_after - w.minutes_used
      AND l.to_minute > e.used_after - w.minutes_used + e.plan_delta + e.extra_delta;

    UPDATE stored_lots l SET drawn = l.minutes - l.voided - d.remaining
    FROM (
        SELECT x.workspace_id, o.lot_id, greatest(o.to_minute - x.demand, 0) AS remaining
        FROM staged_workspaces x
        CROSS JOIN LATERAL (
            SELECT o.lot_id, o.from_minute, o.to_minute FROM open_lots o WHERE o.workspace_id = x.workspace_id
        ) o
        WHERE x.batch = p_batch AND x.beyond_lot AND o.from_minute < x.demand
    ) d
    WHERE l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id;
END $$;
