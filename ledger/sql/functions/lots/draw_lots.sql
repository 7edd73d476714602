-- Draws the minutes of one booked use from the open lots in their order: from the first until it is empty, then from the next.
-- The first is the current lot of the workspace, where one is known; the answer knows the one that the next use begins with.
CREATE OR REPLACE FUNCTION draw_lots(workspace workspace_minutes, p_entry_no bigint, p_minutes bigint, p_extra_only boolean)
RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
DECLARE
    in_turn boolean := NOT p_extra_only OR workspace.minutes_remaining = 0; -- else plan lots, and with them the current one, are passed by
    first_lot_id bigint := workspace.current_lot_id;
    held bigint := CASE WHEN in_turn THEN workspace.current_remaining ELSE 0 END;
    needed bigint := p_minutes;
    taken bigint;
BEGIN
    LOOP
        IF held = 0 THEN
            SELECT l.lot_id, l.remaining INTO first_lot_id, held FROM next_lot(workspace.workspace_id, NOT in_turn) l;
        END IF;
        EXIT WHEN needed = 0;
        IF held IS NULL THEN
            RAISE SQLSTATE 'LG500' USING MESSAGE = 'lots hold less than the balance', DETAIL = workspace.workspace_id;
        END IF;
        taken := least(needed, held);
        INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes) VALUES (workspace.workspace_id, p_entry_no, first_lot_id, taken);
        needed := needed - taken;
        held := held - taken;
        UPDATE stored_lots l SET drawn = l.minutes - l.voided - held WHERE l.workspace_id = workspace.workspace_id AND l.lot_id = first_lot_id;
    END LOOP;
    IF in_turn THEN
        workspace.current_lot_id := first_lot_id;
        workspace.current_remaining := coalesce(held, 0);
    END IF;
    RETURN workspace;
END $$;
