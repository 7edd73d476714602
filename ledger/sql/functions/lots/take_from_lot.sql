-- Takes unused minutes out of one lot (a void, a refund, a dispute), whatever the order of use.
-- p_minutes null: all that remains, sized under the lock. p_strict: more than remains is refused; otherwise what remains is taken.
-- Returns the number of the entry, which may be of 0 minutes when nothing is left.
CREATE OR REPLACE FUNCTION take_from_lot(
    p_workspace_id text, p_lot_id bigint, p_minutes bigint, p_strict boolean, p_kind entry_kind,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    move record := lot_to_move(p_workspace_id, p_lot_id, p_minutes, p_at);
    remaining bigint := (move.lot).remaining;
BEGIN
    IF p_strict AND p_minutes > remaining THEN
        RAISE SQLSTATE 'LG402' USING MESSAGE = 'the lot holds less', DETAIL = format('%s requested, %s left in the lot', p_minutes, remaining);
    END IF;
    RETURN move_in_lot(move.workspace, move.lot, -least(coalesce(p_minutes, remaining), remaining), p_kind,
                       p_key, p_at, p_actor, p_reason, p_reference);
END $$;
