-- Draws of a batch where its uses empty a lot: those whose stretch of the balance overlaps the stretch that a lot holds, but for
-- uses that leave minutes in the one lot they draw from, and name it. And what is left of these lots, as by draw_lots.
CREATE OR REPLACE FUNCTION draw_staged(p_batch bigint) RETURNS void
LANGUAGE sql AS $$
    -- The entries of the batch are booked; the row of their workspace is as it was before them.
    INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes)
    SELECT u.workspace_id, u.entry_no, l.lot_id, least(u.drawn_to, l.to_minute) - greatest(u.drawn_from, l.from_minute)
    FROM staged_workspaces(p_batch) x
    CROSS JOIN LATERAL (
        SELECT e.workspace_id, e.entry_no, e.used_after - w.minutes_used AS drawn_to,
               e.used_after - w.minutes_used + e.plan_delta + e.extra_delta AS drawn_from
        FROM workspace_minutes w
        JOIN entries e ON e.workspace_id = w.workspace_id AND e.entry_no > w.entry_no AND e.lot_id IS NULL
        WHERE w.workspace_id = x.workspace_id COLLATE "C" AND e.plan_delta + e.extra_delta < 0
        OFFSET 0
    ) u
    CROSS JOIN LATERAL open_lots(x.workspace_id) l
    WHERE x.beyond_lot AND l.from_minute < u.drawn_to AND l.to_minute > u.drawn_from;

    UPDATE stored_lots l SET drawn = l.minutes - l.voided - d.remaining
    FROM (
        SELECT x.workspace_id, o.lot_id, greatest(o.to_minute - x.demand, 0) AS remaining
        FROM staged_workspaces(p_batch) x
        CROSS JOIN LATERAL open_lots(x.workspace_id) o
        WHERE x.beyond_lot AND o.from_minute < x.demand
        OFFSET 0 -- first these, then each lot by its key
    ) d
    WHERE l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id;
$$;
