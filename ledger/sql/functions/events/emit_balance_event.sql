-- The event of a change that is not a use: minutes were credited or taken back; nothing when no minutes moved.
CREATE OR REPLACE FUNCTION emit_balance_event(entry entries) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    moved bigint := entry.plan_delta + entry.extra_delta;
BEGIN
    IF moved <> 0 THEN
        PERFORM emit_event(
            entry.workspace_id, CASE WHEN moved > 0 THEN 'minutes.credited' ELSE 'minutes.taken_back' END, entry.at,
            jsonb_build_object(
                'workspace_id', entry.workspace_id, 'entry_no', entry.entry_no, 'lot_id', entry.lot_id, 'minutes', abs(moved),
                'balance', balance_of_entry(entry), 'reason', entry.kind, 'note', entry.reason, 'reference', entry.reference));
    END IF;
END $$;
