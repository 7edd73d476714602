-- Draws of a batch: where the stretch of the balance that a use takes overlaps the stretch that a lot holds.
CREATE OR REPLACE FUNCTION draw_staged(p_batch bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO draws (workspace_id, entry_no, lot_id, minutes)
    SELECT u.workspace_id, u.entry_no, l.lot_id, least(u.drawn_to, l.to_minute) - greatest(u.drawn_from, l.from_minute)
    FROM staged_uses u
    CROSS JOIN LATERAL open_lots(u.workspace_id) l
    WHERE u.batch = p_batch AND u.drawn_from < u.drawn_to AND l.from_minute < u.drawn_to AND l.to_minute > u.drawn_from;

    UPDATE lots l SET drawn = l.drawn + d.minutes
    FROM (
        SELECT s.workspace_id, o.lot_id, least(o.to_minute, s.demand) - o.from_minute AS minutes
        FROM (
            SELECT b.workspace_id, max(b.demand) AS demand
            FROM use_batches b WHERE b.batch = p_batch AND b.booked_no IS NULL GROUP BY b.workspace_id
        ) s
        CROSS JOIN LATERAL open_lots(s.workspace_id) o
        WHERE o.from_minute < s.demand
        OFFSET 0 -- first these, then each lot by its key
    ) d
    WHERE l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id;
$$;
