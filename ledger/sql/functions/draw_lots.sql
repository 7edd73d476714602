-- Draws the minutes of one booked use from the open lots in their order, reading no lot beyond the last one it needs.
CREATE OR REPLACE FUNCTION draw_lots(entry entries) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    needed bigint := -entry.plan_delta - entry.extra_delta;
    taken bigint;
    lot record;
BEGIN
    FOR lot IN
        SELECT l.lot_id, l.remaining FROM lots l
        WHERE l.workspace_id = entry.workspace_id AND l.open AND (entry.take <> 'extra' OR l.kind <> 'plan')
        ORDER BY l.turn, l.lot_id
    LOOP
        taken := least(needed, lot.remaining);
        UPDATE lots l SET drawn = l.drawn + taken WHERE l.workspace_id = entry.workspace_id AND l.lot_id = lot.lot_id;
        INSERT INTO draws (workspace_id, entry_no, lot_id, minutes) VALUES (entry.workspace_id, entry.entry_no, lot.lot_id, taken);
        needed := needed - taken;
        EXIT WHEN needed = 0;
    END LOOP;
    IF needed > 0 THEN
        RAISE SQLSTATE 'LG500' USING MESSAGE = 'lots hold less than the balance', DETAIL = entry.workspace_id;
    END IF;
END $$;
