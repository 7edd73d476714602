-- Books minutes into a lot (p_delta above 0) or out of it, beside the order of use. Opens no epoch: the gauge base moves with them.
-- Returns the number of the entry.
CREATE OR REPLACE FUNCTION move_in_lot(
    workspace workspace_minutes, lot lots, p_delta bigint, p_kind entry_kind,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stored_lots l SET voided = l.voided - p_delta WHERE l.workspace_id = workspace.workspace_id AND l.lot_id = lot.lot_id;
    workspace := append_entry(workspace, p_kind, CASE lot.kind WHEN 'plan' THEN p_delta ELSE 0 END, CASE lot.kind WHEN 'plan' THEN 0 ELSE p_delta END,
                       'move', lot.lot_id, p_key, p_at, p_actor, p_reason, p_reference);
    RETURN workspace.entry_no;
END $$;
