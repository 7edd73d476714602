-- Returns minutes to the lot they were taken from (refund failed, dispute won). Returns the number of the entry.
CREATE OR REPLACE FUNCTION give_back(
    p_workspace_id text, p_lot_id bigint, p_minutes bigint,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    move record := lot_to_move(p_workspace_id, p_lot_id, p_minutes, p_at);
BEGIN
    IF p_minutes > (move.lot).voided THEN
        RAISE SQLSTATE 'LG402' USING MESSAGE = 'less was taken', DETAIL = format('%s to give back, %s taken from the lot', p_minutes, (move.lot).voided);
    END IF;
    RETURN move_in_lot(move.workspace, move.lot, p_minutes, 'restore', p_key, p_at, p_actor, p_reason, p_reference);
END $$;
