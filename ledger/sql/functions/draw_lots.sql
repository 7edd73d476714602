-- Draws the minutes of one booked use from the open lots in their order: from the first until it is empty, then from the next.
CREATE OR REPLACE FUNCTION draw_lots(entry entries) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    needed bigint := -entry.plan_delta - entry.extra_delta;
    first_lot_id bigint;
    taken bigint;
BEGIN
    WHILE needed > 0 LOOP
        SELECT l.lot_id, least(needed, l.remaining) INTO first_lot_id, taken FROM lots l
        WHERE l.workspace_id = entry.workspace_id AND l.open AND (entry.take <> 'extra' OR l.kind <> 'plan')
        ORDER BY l.turn, l.lot_id LIMIT 1;
        IF NOT FOUND THEN
            RAISE SQLSTATE 'LG500' USING MESSAGE = 'lots hold less than the balance', DETAIL = entry.workspace_id;
        END IF;
        UPDATE lots l SET drawn = l.drawn + taken WHERE l.workspace_id = entry.workspace_id AND l.lot_id = first_lot_id;
        INSERT INTO draws (workspace_id, entry_no, lot_id, minutes) VALUES (entry.workspace_id, entry.entry_no, first_lot_id, taken);
        needed := needed - taken;
    END LOOP;
END $$;
