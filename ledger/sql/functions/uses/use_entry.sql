-- The entry of a use that takes so much from each pool of its locked workspace. The caller adds lot and thresholds, and books it.
CREATE OR REPLACE FUNCTION use_entry(
    workspace workspace_minutes, p_minutes bigint, p_from_plan bigint, p_from_extra bigint, p_key text, p_at timestamptz,
    p_duration_seconds bigint, p_overage_policy overage_policy
) RETURNS entries
LANGUAGE plpgsql AS $$
DECLARE
    entry entries;
BEGIN
    entry.workspace_id := workspace.workspace_id;
    entry.entry_no := workspace.entry_no + 1;
    entry.kind := 'use';
    entry.key := p_key;
    entry.plan_delta := -p_from_plan;
    entry.plan_after := workspace.minutes_remaining - p_from_plan;
    entry.extra_delta := -p_from_extra;
    entry.extra_after := workspace.extra_minutes_remaining - p_from_extra;
    entry.minutes := p_minutes;
    entry.unmet_minutes := p_minutes - p_from_plan - p_from_extra;
    entry.used_after := workspace.minutes_used + p_from_plan + p_from_extra;
    entry.at := p_at;
    entry.recorded_at := greatest(workspace.recorded_at, clock_timestamp());
    entry.latest_at := greatest(workspace.latest_at, p_at);
    entry.epoch := workspace.epoch;
    entry.gauge_base := workspace.gauge_base;
    entry.duration_seconds := p_duration_seconds;
    entry.overage_policy := p_overage_policy;
    entry.actor := 'usage';
    RETURN entry;
END $$;
