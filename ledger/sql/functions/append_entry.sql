-- Books one change that is not a use: the next entry of the statement and, with it, the locked row of the workspace.
-- p_gauge says what the change does to the gauge: 'credit' opens an epoch, 'move' shifts the top by the same minutes.
CREATE OR REPLACE FUNCTION append_entry(
    wm workspace_minutes, p_kind entry_kind, p_plan_delta bigint, p_extra_delta bigint, p_gauge text, p_lot_id bigint,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
BEGIN
    wm.entry_no := wm.entry_no + 1;
    wm.minutes_remaining := wm.minutes_remaining + p_plan_delta;
    wm.extra_minutes_remaining := wm.extra_minutes_remaining + p_extra_delta;
    wm.latest_at := greatest(wm.latest_at, p_at);
    wm.recorded_at := greatest(wm.recorded_at, clock_timestamp());
    IF p_gauge = 'credit' THEN
        wm.epoch := wm.epoch + 1;
        wm.top := wm.minutes_remaining + wm.extra_minutes_remaining;
        wm.warned := 0;
        wm.plan_exhausted := false;
        wm.limit_hit := false;
    ELSE
        wm.top := wm.top + p_plan_delta + p_extra_delta;
    END IF;
    INSERT INTO entries (workspace_id, entry_no, previous_no, kind, key, plan_before, plan_delta, plan_after, extra_before, extra_delta,
                         extra_after, minutes, used_after, at, recorded_at, latest_at, epoch, top, lot_id, actor, reason, reference)
    VALUES (wm.workspace_id, wm.entry_no, nullif(wm.entry_no - 1, 0), p_kind, p_key, wm.minutes_remaining - p_plan_delta, p_plan_delta,
            wm.minutes_remaining, wm.extra_minutes_remaining - p_extra_delta, p_extra_delta, wm.extra_minutes_remaining,
            abs(p_plan_delta + p_extra_delta), wm.minutes_used, p_at, wm.recorded_at, wm.latest_at, wm.epoch, wm.top, p_lot_id,
            p_actor, p_reason, p_reference);
    UPDATE workspace_minutes w
    SET entry_no = wm.entry_no, minutes_remaining = wm.minutes_remaining, extra_minutes_remaining = wm.extra_minutes_remaining,
        latest_at = wm.latest_at, recorded_at = wm.recorded_at, epoch = wm.epoch, top = wm.top, warned = wm.warned,
        plan_exhausted = wm.plan_exhausted, limit_hit = wm.limit_hit, lot_count = wm.lot_count,
        current_lot_id = wm.current_lot_id, current_remaining = wm.current_remaining,
        minutes_total = wm.minutes_total, minutes_reset_date = wm.minutes_reset_date, anchor_at = wm.anchor_at,
        plan = wm.plan, billing_cycle = wm.billing_cycle, managed_by = wm.managed_by, subscription_no = wm.subscription_no
    WHERE w.workspace_id = wm.workspace_id;
    RETURN wm;
END $$;
