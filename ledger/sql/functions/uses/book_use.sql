-- Any use, on its locked workspace: books what is due, draws plan lots then extra lots oldest first, idempotency_keys entry and draws.
-- Arguments and answer are those of record_use.
CREATE OR REPLACE FUNCTION book_use(
    workspace workspace_minutes, p_minutes bigint, p_key text, p_at timestamptz, p_duration_seconds bigint, p_overage_policy overage_policy,
    OUT entry entries, OUT repeated boolean, OUT refusal text
)
LANGUAGE plpgsql AS $$
DECLARE
    from_plan bigint := 0;
    from_extra bigint := 0;
    taken bigint;
    one_lot_id bigint; -- where the whole use comes from, and leaves minutes in
    level smallint;
BEGIN
    SELECT * INTO entry FROM entries e WHERE e.workspace_id = workspace.workspace_id AND e.kind = 'use' AND e.key = p_key;
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
        from_plan := CASE p_overage_policy WHEN 'extra' THEN 0 ELSE least(p_minutes, workspace.minutes_remaining) END;
        from_extra := least(p_minutes - from_plan, workspace.extra_minutes_remaining);
    END IF;
    taken := from_plan + from_extra;
    IF p_overage_policy = 'full' AND taken < p_minutes THEN
        refusal := 'LG402';
        RETURN;
    END IF;
    IF workspace.current_lot_id IS NULL AND taken > 0 THEN
        SELECT l.lot_id, l.remaining INTO workspace.current_lot_id, workspace.current_remaining FROM next_lot(workspace.workspace_id, false) l;
    END IF;
    IF taken BETWEEN 1 AND workspace.current_remaining - 1 AND (p_overage_policy <> 'extra' OR workspace.minutes_remaining = 0) THEN
        one_lot_id := workspace.current_lot_id;
        workspace.current_remaining := workspace.current_remaining - taken;
    END IF;
    level := gauge_level(workspace.gauge_base, workspace.minutes_remaining + workspace.extra_minutes_remaining - taken);
    INSERT INTO entries (workspace_id, entry_no, previous_no, kind, key, plan_before, plan_delta, plan_after, extra_before, extra_delta,
                         extra_after, minutes, unmet_minutes, used_after, at, recorded_at, latest_at, epoch, gauge_base, lot_id,
                         duration_seconds, overage_policy, actor, thresholds)
    VALUES (workspace.workspace_id, workspace.entry_no + 1, nullif(workspace.entry_no, 0), 'use', p_key, workspace.minutes_remaining, -from_plan,
            workspace.minutes_remaining - from_plan, workspace.extra_minutes_remaining, -from_extra, workspace.extra_minutes_remaining - from_extra,
            p_minutes, p_minutes - taken, workspace.minutes_used + taken, p_at,
            greatest(workspace.recorded_at, clock_timestamp()), greatest(workspace.latest_at, p_at), workspace.epoch, workspace.gauge_base, one_lot_id,
            p_duration_seconds, p_overage_policy, 'usage', CASE WHEN level > workspace.warned THEN thresholds_between(workspace.warned, level) END)
    RETURNING * INTO entry;
    IF taken > 0 AND one_lot_id IS NULL THEN
        workspace := draw_lots(workspace, entry.entry_no, taken, p_overage_policy = 'extra');
    END IF;
    IF entry.plan_after = 0 OR entry.unmet_minutes > 0 OR entry.thresholds IS NOT NULL THEN
        workspace := record_usage_alerts(workspace, entry);
    END IF;
    UPDATE workspace_minutes w
    SET entry_no = entry.entry_no, minutes_remaining = entry.plan_after, extra_minutes_remaining = entry.extra_after,
        minutes_used = entry.used_after, latest_at = entry.latest_at, recorded_at = entry.recorded_at, current_lot_id = workspace.current_lot_id,
        current_remaining = workspace.current_remaining, warned = workspace.warned, plan_exhausted = workspace.plan_exhausted, limit_hit = workspace.limit_hit
    WHERE w.workspace_id = workspace.workspace_id;
END $$;
