-- Writes what the current lot of a locked workspace holds to the lot itself, and forgets which it is:
-- for whoever changes lots otherwise than by a use, after which the order of use may begin elsewhere.
CREATE OR REPLACE FUNCTION put_back_lot(wm workspace_minutes) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stored_lots l SET drawn = l.minutes - l.voided - wm.current_remaining
    WHERE l.workspace_id = wm.workspace_id AND l.lot_id = wm.current_lot_id AND l.remaining <> wm.current_remaining;
    wm.current_lot_id := NULL;
    wm.current_remaining := 0;
    RETURN wm;
END $$;
