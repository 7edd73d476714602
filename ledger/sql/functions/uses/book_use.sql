-- Any use, on its locked workspace: books what is due, draws from the open lots in their order, writes the entry and its draws.
-- Arguments and answer are those of record_use.
CREATE OR REPLACE FUNCTION book_use(
    workspace workspace_minutes, p_minutes bigint, p_key text, p_at timestamptz, p_duration_seconds bigint,
    p_overage_policy overage_policy, OUT entry entries, OUT repeated boolean, OUT refusal text
)
LANGUAGE plpgsql AS $$
DECLARE
    extra_only boolean := p_overage_policy = 'extra';
    taken bigint := 0; from_plan bigint := 0;
    draws record; level smallint;
    one_lot_id bigint; -- where the whole use comes from, and leaves minutes in
BEGIN
    SELECT * INTO entry FROM entries e
    WHERE e.workspace_id = workspace.workspace_id AND e.kind = 'use' AND key_digest(e.key) = key_digest(p_key) AND e.key = p_key;
    repeated := FOUND;
    IF repeated THEN
        refusal := repeat_refusal(entry, p_minutes, p_duration_seconds, p_overage_policy);
        RETURN;
    END IF;
    refusal := use_refusal(p_minutes, p_at, p_duration_seconds);
    IF refusal IS NOT NULL THEN
        IF refusal <> 'LG422' THEN -- what no caller of ours passes
            PERFORM raise_use_refusal(refusal, p_minutes, p_at, p_duration_seconds);
        END IF;
        RETURN;
    END IF;
    IF workspace.minutes_reset_date <= p_at THEN
        workspace := book_due_periods(put_back_lot(workspace), p_at);
    END IF;
    IF p_overage_policy <> 'refused' THEN
        taken := least(p_minutes, workspace.extra_minutes_remaining + CASE WHEN extra_only THEN 0 ELSE workspace.minutes_remaining END);
    END IF;
    IF p_overage_policy = 'full' AND taken < p_minutes THEN
        refusal := 'LG402';
        RETURN;
    END IF;
    IF workspace.current_lot_id IS NULL AND taken > 0 THEN
        SELECT l.lot_id, l.remaining, l.kind = 'plan' INTO workspace.current_lot_id, workspace.current_remaining, workspace.current_is_plan
        FROM stored_lots l WHERE l.workspace_id = workspace.workspace_id AND l.open ORDER BY l.burn_order, l.lot_id LIMIT 1;
    END IF;
    IF taken BETWEEN 1 AND workspace.current_remaining - 1 AND NOT (extra_only AND workspace.current_is_plan) THEN
        one_lot_id := workspace.current_lot_id;
        from_plan := CASE WHEN workspace.current_is_plan THEN taken ELSE 0 END;
        workspace.current_remaining := workspace.current_remaining - taken;
    ELSIF taken > 0 THEN
        draws := plan_draws(workspace, taken, extra_only);
        from_plan := draws.from_plan;
        IF from_plan + draws.from_extra < taken OR from_plan > workspace.minutes_remaining
           OR draws.from_extra > workspace.extra_minutes_remaining THEN -- the lots hold less than the balance
            refusal := 'LG500';
            RETURN;
        END IF;
    END IF;
    level := gauge_level(workspace.gauge_base, workspace.minutes_remaining + workspace.extra_minutes_remaining - taken);
    entry := use_entry(workspace, p_minutes, from_plan, taken - from_plan, p_key, p_at, p_duration_seconds, p_overage_policy);
    entry.lot_id := one_lot_id;
    entry.thresholds := CASE WHEN level > workspace.warned THEN thresholds_between(workspace.warned, level) END;
    PERFORM insert_entries(ARRAY[entry]);
    IF taken > 0 AND one_lot_id IS NULL THEN
        workspace := draw_lots(workspace, entry.entry_no, draws, extra_only);
    END IF;
    IF entry.plan_after = 0 OR entry.unmet_minutes > 0 OR entry.thresholds IS NOT NULL THEN
        workspace := record_usage_alerts(workspace, entry);
    END IF;
    UPDATE workspace_minutes w
    SET entry_no = entry.entry_no, minutes_remaining = entry.plan_after, extra_minutes_remaining = entry.extra_after,
        minutes_used = entry.used_after, latest_at = entry.latest_at, recorded_at = entry.recorded_at,
        current_lot_id = workspace.current_lot_id, current_remaining = workspace.current_remaining, warned = workspace.warned,
        current_is_plan = workspace.current_is_plan, plan_exhausted = workspace.plan_exhausted, limit_hit = workspace.limit_hit
    WHERE w.workspace_id = workspace.workspace_id;
END $$;
