-- The balance of a workspace now, as events carry it.
CREATE OR REPLACE FUNCTION balance_of_workspace(w workspace_minutes) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'plan_minutes', w.minutes_remaining, 'extra_minutes', w.extra_minutes_remaining,
        'total_minutes', w.minutes_remaining + w.extra_minutes_remaining,
        'percent_used', gauge_percent(w.gauge_base, w.minutes_remaining + w.extra_minutes_remaining));
$$;
