-- Writes what the current lot of a locked workspace holds to the lot itself, and forgets which it is:
-- for whoever changes lots otherwise than by a use, after which the order of use may begin elsewhere.
CREATE OR REPLACE FUNCTION put_back_lot(workspace workspace_minutes) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stored_lots l SET drawn = l.minutes - l.voided - workspace.current_remaining
    WHERE l.workspace_id = workspace.workspace_id AND l.lot_id = workspace.current_lot_id AND l.remaining <> workspace.current_remaining;
    workspace.current_lot_id := NULL;
    workspace.current_remaining := 0;
    workspace.current_is_plan := false;
    RETURN workspace;
END $$;
