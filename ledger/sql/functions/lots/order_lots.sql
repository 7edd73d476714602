-- Writes the place of every lot in the order of use again, after burn_order() has changed. Returns how many lots moved.
-- What each workspace knows of its first lot is written back and forgotten: another lot may come first now.
CREATE OR REPLACE FUNCTION order_lots() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    moved bigint;
BEGIN
    LOCK TABLE workspace_minutes IN SHARE ROW EXCLUSIVE MODE;
    UPDATE stored_lots l SET drawn = l.minutes - l.voided - w.current_remaining
    FROM workspace_minutes w
    WHERE w.workspace_id = l.workspace_id AND w.current_lot_id = l.lot_id AND l.remaining <> w.current_remaining;
    UPDATE workspace_minutes w SET current_lot_id = NULL, current_remaining = 0, current_is_plan = false
    WHERE w.current_lot_id IS NOT NULL;
    UPDATE stored_lots l SET burn_order = burn_order(l.kind, l.acquired_at, l.expires_at)
    WHERE l.burn_order <> burn_order(l.kind, l.acquired_at, l.expires_at);
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END $$;
