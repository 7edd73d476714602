-- Books one change that is not a use: the next entry of the statement and, with it, the locked row of the workspace.
-- p_gauge says what the change does to the gauge: 'credit' opens an epoch, 'move' shifts its base by the same minutes.
CREATE OR REPLACE FUNCTION append_entry(
    workspace workspace_minutes, p_kind entry_kind, p_plan_delta bigint, p_extra_delta bigint, p_gauge text, p_lot_id bigint,
    p_key text, p_at timestamptz, p_actor text, p_reason text, p_reference text
) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
DECLARE
    entry entries;
BEGIN
    workspace.entry_no := workspace.entry_no + 1;
    workspace.minutes_remaining := workspace.minutes_remaining + p_plan_delta;
    workspace.extra_minutes_remaining := workspace.extra_minutes_remaining + p_extra_delta;
    workspace.latest_at := greatest(workspace.latest_at, p_at);
    workspace.recorded_at := greatest(workspace.recorded_at, clock_timestamp());
    IF p_gauge = 'credit' THEN
        workspace.epoch := workspace.epoch + 1;
        workspace.gauge_base := workspace.minutes_remaining + workspace.extra_minutes_remaining;
        workspace.warned := 0;
        workspace.plan_exhausted := false;
        workspace.limit_hit := false;
    ELSE
        workspace.gauge_base := workspace.gauge_base + p_plan_delta + p_extra_delta;
    END IF;
    entry.workspace_id := workspace.workspace_id;
    entry.entry_no := workspace.entry_no;
    entry.kind := p_kind;
    entry.key := p_key;
    entry.plan_delta := p_plan_delta;
    entry.plan_after := workspace.minutes_remaining;
    entry.extra_delta := p_extra_delta;
    entry.extra_after := workspace.extra_minutes_remaining;
    entry.minutes := abs(p_plan_delta + p_extra_delta);
    entry.unmet_minutes := 0;
    entry.used_after := workspace.minutes_used;
    entry.at := p_at;
    entry.recorded_at := workspace.recorded_at;
    entry.latest_at := workspace.latest_at;
    entry.epoch := workspace.epoch;
    entry.gauge_base := workspace.gauge_base;
    entry.lot_id := p_lot_id;
    entry.actor := p_actor;
    entry.reason := p_reason;
    entry.reference := p_reference;
    PERFORM insert_entries(ARRAY[entry]);
    PERFORM emit_balance_event(entry);
    UPDATE workspace_minutes w
    SET entry_no = workspace.entry_no, minutes_remaining = workspace.minutes_remaining,
        extra_minutes_remaining = workspace.extra_minutes_remaining, latest_at = workspace.latest_at,
        recorded_at = workspace.recorded_at, epoch = workspace.epoch, gauge_base = workspace.gauge_base, warned = workspace.warned,
        plan_exhausted = workspace.plan_exhausted, limit_hit = workspace.limit_hit, lot_count = workspace.lot_count,
        current_lot_id = workspace.current_lot_id, current_remaining = workspace.current_remaining,
        current_is_plan = workspace.current_is_plan,
        minutes_total = workspace.minutes_total, minutes_reset_date = workspace.minutes_reset_date, anchor_at = workspace.anchor_at,
        plan = workspace.plan, billing_cycle = workspace.billing_cycle, managed_by = workspace.managed_by,
        subscription_no = workspace.subscription_no
    WHERE w.workspace_id = workspace.workspace_id;
    RETURN workspace;
END $$;
