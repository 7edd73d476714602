-- Locks a workspace for a move of minutes within one lot, books its due periods, and reads the lot.
CREATE OR REPLACE FUNCTION lot_to_move(
    p_workspace_id text, p_lot_id bigint, p_minutes bigint, p_at timestamptz, OUT workspace workspace_minutes, OUT lot lots
)
LANGUAGE plpgsql AS $$
BEGIN
    workspace := lock_workspace(p_workspace_id);
    IF p_minutes NOT BETWEEN 1 AND 1000000 THEN
        RAISE SQLSTATE 'LG422' USING MESSAGE = 'minutes must be a whole number from 1 to 1,000,000', DETAIL = p_minutes::text;
    END IF;
    workspace := book_due_periods(workspace, p_at);
    SELECT * INTO lot FROM lots l WHERE l.workspace_id = p_workspace_id AND l.lot_id = p_lot_id;
    IF NOT FOUND THEN
        RAISE SQLSTATE 'LG405' USING MESSAGE = 'unknown lot', DETAIL = p_lot_id::text;
    END IF;
END $$;
