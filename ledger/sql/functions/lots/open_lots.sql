-- The open lots of a workspace in their order of use, each with the stretch of the balance it holds: [from_minute, to_minute).
CREATE OR REPLACE FUNCTION open_lots(p_workspace_id text)
RETURNS TABLE (lot_id bigint, is_plan boolean, from_minute bigint, to_minute bigint)
LANGUAGE sql STABLE AS $$
    SELECT l.lot_id, l.kind = 'plan', (sum(l.remaining) OVER in_order - l.remaining)::bigint, (sum(l.remaining) OVER in_order)::bigint
    FROM lots l
    WHERE l.workspace_id = p_workspace_id AND l.open
    WINDOW in_order AS (ORDER BY l.burn_order, l.lot_id);
$$;
