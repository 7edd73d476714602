-- Takes unused minutes out of one lot (a void, a refund, a dispute), whatever the order of use.
-- p_minutes null: all that remains, sized under the lock. p_strict: more than remains is refused; else what remains is taken.
-- Returns the number of the entry, which may be of 0 minutes when nothing is left.
CREATE OR REPLACE FUNCTION take_from_lot(
    p_workspace_id text, p_lot_id bigint, p_minutes bigint, p_strict boolean, p_kind entry_kind,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes := lock_workspace(p_workspace_id);
    lot lots;
    taken bigint;
BEGIN
    IF p_minutes NOT BETWEEN 1 AND 1000000 THEN
        RAISE SQLSTATE 'LG422' USING MESSAGE = 'minutes are 1 to 1,000,000', DETAIL = p_minutes::text;
    END IF;
    workspace := book_due_periods(workspace, p_at);
    SELECT * INTO lot FROM lots l WHERE l.workspace_id = p_workspace_id AND l.lot_id = p_lot_id;
    IF NOT FOUND THEN
        RAISE SQLSTATE 'LG405' USING MESSAGE = 'unknown lot', DETAIL = p_lot_id::text;
    END IF;
    IF p_strict AND p_minutes > lot.remaining THEN
        RAISE SQLSTATE 'LG402' USING MESSAGE = 'the lot holds less', DETAIL = format('%s requested, %s left in the lot', p_minutes, lot.remaining);
    END IF;
    taken := least(coalesce(p_minutes, lot.remaining), lot.remaining);
    UPDATE stored_lots l SET voided = l.voided + taken WHERE l.workspace_id = p_workspace_id AND l.lot_id = p_lot_id;
    workspace := append_entry(workspace, p_kind, CASE lot.kind WHEN 'plan' THEN -taken ELSE 0 END, CASE lot.kind WHEN 'plan' THEN 0 ELSE -taken END,
                       'move', p_lot_id, p_key, p_at, p_actor, p_reason, p_reference);
    RETURN workspace.entry_no;
END $$;
