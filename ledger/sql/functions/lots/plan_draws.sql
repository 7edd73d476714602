-- What a use of `p_minutes` would draw from each open lot of a locked workspace: from the first until it is empty, then from the
-- next. from_plan and from_extra: by pool; less than p_minutes where the lots hold less. Changes nothing; draw_lots writes it.
CREATE OR REPLACE FUNCTION plan_draws(
    workspace workspace_minutes, p_minutes bigint, p_extra_only boolean,
    OUT lot_ids bigint[], OUT minutes bigint[], OUT left_in_lot bigint[], OUT from_plan bigint, OUT from_extra bigint,
    OUT next_lot_id bigint, OUT next_remaining bigint, OUT next_is_plan boolean
)
LANGUAGE plpgsql AS $$
DECLARE
    lot record;
    held bigint;
    taken bigint;
    needed bigint := p_minutes;
BEGIN
    lot_ids := '{}';
    from_plan := 0;
    from_extra := 0;
    next_remaining := 0;
    FOR lot IN
        SELECT l.lot_id, l.remaining, l.kind = 'plan' AS is_plan FROM stored_lots l
        WHERE l.workspace_id = workspace.workspace_id AND l.open AND NOT (p_extra_only AND l.kind = 'plan')
        ORDER BY l.burn_order, l.lot_id
    LOOP
        held := CASE lot.lot_id WHEN workspace.current_lot_id THEN workspace.current_remaining ELSE lot.remaining END;
        taken := least(needed, held);
        IF taken > 0 THEN
            lot_ids := lot_ids || lot.lot_id;
            minutes := minutes || taken;
            left_in_lot := left_in_lot || held - taken;
            needed := needed - taken;
            from_plan := from_plan + CASE WHEN lot.is_plan THEN taken ELSE 0 END;
            from_extra := from_extra + CASE WHEN lot.is_plan THEN 0 ELSE taken END;
        END IF;
        IF held > taken THEN
            next_lot_id := lot.lot_id;
            next_remaining := held - taken;
            next_is_plan := lot.is_plan;
            EXIT;
        END IF;
    END LOOP;
END $$;
