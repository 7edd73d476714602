-- Draws the minutes of one booked use from the open lots in their order: from the first until it is empty, then from the next.
CREATE OR REPLACE FUNCTION draw_lots(p_workspace_id text, p_entry_no bigint, p_minutes bigint, p_extra_only boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    needed bigint := p_minutes;
    first_lot_id bigint;
    taken bigint;
BEGIN
    WHILE needed > 0 LOOP
        SELECT l.lot_id, least(needed, l.remaining) INTO first_lot_id, taken FROM lots l
        WHERE l.workspace_id = p_workspace_id AND l.open AND (l.kind <> 'plan' OR NOT p_extra_only)
        ORDER BY l.turn, l.lot_id LIMIT 1;
        IF NOT FOUND THEN
            RAISE SQLSTATE 'LG500' USING MESSAGE = 'lots hold less than the balance', DETAIL = p_workspace_id;
        END IF;
        UPDATE lots l SET drawn = l.drawn + taken WHERE l.workspace_id = p_workspace_id AND l.lot_id = first_lot_id;
        INSERT INTO draws (workspace_id, entry_no, lot_id, minutes) VALUES (p_workspace_id, p_entry_no, first_lot_id, taken);
        needed := needed - taken;
    END LOOP;
END $$;
