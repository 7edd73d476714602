-- The lots of the periods that are due by a time and not booked yet, as booking would number them.
CREATE OR REPLACE FUNCTION due_lots(p_workspace_id text, p_at timestamptz)
RETURNS TABLE (lot_id bigint, minutes bigint, due timestamptz, next_due timestamptz, entry_no bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    workspace workspace_minutes;
    period record;
BEGIN
    SELECT * INTO workspace FROM workspace_minutes w WHERE w.workspace_id = p_workspace_id;
    SELECT p.minutes INTO minutes FROM plans p WHERE p.plan = workspace.plan;
    lot_id := workspace.lot_count;
    entry_no := workspace.entry_no;
    FOR period IN SELECT * FROM due_periods(workspace, p_at) d WHERE NOT d.given LOOP
        lot_id := lot_id + 1;
        entry_no := entry_no + 1;
        due := period.due;
        next_due := period.next_due;
        RETURN NEXT;
    END LOOP;
END $$;
