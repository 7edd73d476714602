-- The lot that the next use draws from, as it was last written: the first open one in the order of use. No row: there is none.
CREATE OR REPLACE FUNCTION next_lot(p_workspace_id text) RETURNS TABLE (lot_id bigint, remaining bigint, is_plan boolean)
LANGUAGE sql STABLE AS $$
    SELECT l.lot_id, l.remaining, l.kind = 'plan' FROM stored_lots l
    WHERE l.workspace_id = p_workspace_id AND l.open
    ORDER BY l.burn_order, l.lot_id LIMIT 1;
$$;
