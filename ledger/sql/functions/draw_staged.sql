-- Draws of a batch: from the current lot of a workspace while the batch leaves minutes in it; else where the stretch of the
-- balance that a use takes overlaps the stretch that a lot holds. Lots are written in the second case only, as by draw_lots.
CREATE OR REPLACE FUNCTION draw_staged(p_batch bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO draws (workspace_id, entry_no, lot_id, minutes)
    SELECT b.workspace_id, w.entry_no + b.ordinal, w.current_lot_id, b.minutes
    FROM use_batches b
    JOIN workspace_minutes w ON w.workspace_id = b.workspace_id
    WHERE b.batch = p_batch AND b.booked_no IS NULL AND b.demand < w.current_remaining
    UNION ALL
    SELECT u.workspace_id, u.entry_no, l.lot_id, least(u.drawn_to, l.to_minute) - greatest(u.drawn_from, l.from_minute)
    FROM staged_beyond_lot(p_batch) x
    CROSS JOIN LATERAL (SELECT s.* FROM staged_uses s WHERE s.workspace_id = x.workspace_id AND s.batch = p_batch OFFSET 0) u
    CROSS JOIN LATERAL open_lots(x.workspace_id) l
    WHERE u.drawn_to >= x.current_remaining AND u.drawn_from < u.drawn_to
      AND l.from_minute < u.drawn_to AND l.to_minute > u.drawn_from;

    UPDATE stored_lots l SET drawn = l.minutes - l.voided - d.remaining
    FROM (
        SELECT x.workspace_id, o.lot_id, greatest(o.to_minute - x.demand, 0) AS remaining
        FROM staged_beyond_lot(p_batch) x
        CROSS JOIN LATERAL open_lots(x.workspace_id) o
        WHERE o.from_minute < x.demand
        OFFSET 0 -- first these, then each lot by its key
    ) d
    WHERE l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id;
$$;
