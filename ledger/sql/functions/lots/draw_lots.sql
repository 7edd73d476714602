-- Writes the draws of one booked use, as plan_draws answered, and what they leave in each lot. Returns the workspace with the lot
-- that its next use begins with. p_extra_only: lots were passed over, so that one is looked up when it is needed.
CREATE OR REPLACE FUNCTION draw_lots(
    workspace workspace_minutes, p_entry_no bigint, p_draws record, p_extra_only boolean
) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes)
    SELECT workspace.workspace_id, p_entry_no, d.lot_id, d.minutes FROM unnest(p_draws.lot_ids, p_draws.minutes) AS d (lot_id, minutes);
    UPDATE stored_lots l SET drawn = l.minutes - l.voided - d.left_in_lot
    FROM unnest(p_draws.lot_ids, p_draws.left_in_lot) AS d (lot_id, left_in_lot)
    WHERE l.workspace_id = workspace.workspace_id AND l.lot_id = d.lot_id;
    IF NOT p_extra_only THEN
        workspace.current_lot_id := p_draws.next_lot_id;
        workspace.current_remaining := p_draws.next_remaining;
        workspace.current_is_plan := coalesce(p_draws.next_is_plan, false);
    ELSIF workspace.current_lot_id = ANY (p_draws.lot_ids) THEN
        workspace.current_lot_id := NULL;
        workspace.current_remaining := 0;
        workspace.current_is_plan := false;
    END IF;
    RETURN workspace;
END $$;
