-- The lot that the next use draws from, as it was last written: the first open one in the order of use, plan lots first.
-- p_extra_only: the first open one of extra minutes. No row: there is none.
CREATE OR REPLACE FUNCTION next_lot(p_workspace_id text, p_extra_only boolean) RETURNS TABLE (lot_id bigint, remaining bigint)
LANGUAGE sql STABLE AS $$
    SELECT l.lot_id, l.remaining FROM stored_lots l
    WHERE l.workspace_id = p_workspace_id AND l.open AND (NOT p_extra_only OR l.kind <> 'plan')
    ORDER BY l.burn_order, l.lot_id LIMIT 1;
$$;
