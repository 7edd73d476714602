-- Balance as of a business time, a booking time, or both. All entries up to `entry_no` count; of those after it
-- (and booked by `booked_no`) only late ones can have happened by then: the partial index holds them.
CREATE OR REPLACE FUNCTION balance_as_of(p_workspace_id text, p_at timestamptz, p_booked_at timestamptz)
RETURNS TABLE (
    current boolean, plan_minutes bigint, extra_minutes bigint, minutes_total bigint, minutes_used bigint, minutes_reset_date timestamptz,
    gauge_base bigint, epoch bigint, entry_no bigint, booked_no bigint, plan text, billing_cycle text
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    v_booked_no bigint := CASE WHEN p_booked_at IS NULL THEN (SELECT m.entry_no FROM workspace_minutes m WHERE m.workspace_id = p_workspace_id)
                               ELSE entry_as_of(p_workspace_id, 'booked', p_booked_at) END;
    v_entry_no bigint := CASE WHEN p_at IS NULL THEN v_booked_no
                              ELSE least(v_booked_no, entry_as_of(p_workspace_id, 'business', p_at)) END;
BEGIN
    RETURN QUERY
    SELECT false AS current, coalesce(e.plan_after, 0) + late.plan_delta AS plan_minutes,
           coalesce(e.extra_after, 0) + late.extra_delta AS extra_minutes, coalesce(s.allocation_minutes, p.minutes, 0) AS minutes_total,
           coalesce(e.used_after, 0) + late.used AS minutes_used,
           CASE WHEN s.running AND v_entry_no = w.entry_no THEN s.reset_date ELSE coalesce(p.reset_date, s.reset_date) END AS minutes_reset_date,
           coalesce(e.gauge_base, 0) + late.credited AS gauge_base, coalesce(e.epoch, 0)::bigint AS epoch, v_entry_no, v_booked_no,
           s.plan, s.billing_cycle
    FROM workspace_minutes w
    LEFT JOIN entries e ON e.workspace_id = p_workspace_id AND e.entry_no = v_entry_no
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.plan_delta), 0)::bigint AS plan_delta, coalesce(sum(l.extra_delta), 0)::bigint AS extra_delta,
               coalesce(sum(-l.plan_delta - l.extra_delta) FILTER (WHERE l.kind = 'use'), 0)::bigint AS used,
               coalesce(sum(l.plan_delta + l.extra_delta) FILTER (WHERE l.kind <> 'use'), 0)::bigint AS credited
        FROM entries l
        WHERE l.workspace_id = p_workspace_id AND l.at < l.latest_at AND l.at <= p_at
          AND l.entry_no > v_entry_no AND l.entry_no <= v_booked_no
    ) late
    LEFT JOIN LATERAL (
        SELECT o.minutes, o.reset_date FROM lots o
        WHERE o.workspace_id = p_workspace_id AND o.kind = 'plan' AND NOT o.arrears
          AND (o.entry_no <= v_entry_no OR (o.entry_no <= v_booked_no AND p_at IS NOT NULL AND o.acquired_at <= p_at))
        ORDER BY CASE WHEN p_at IS NOT NULL THEN o.acquired_at END DESC, o.lot_id DESC LIMIT 1
    ) p ON true
    LEFT JOIN LATERAL (
        SELECT u.plan, u.billing_cycle, u.allocation_minutes, u.reset_date,
               u.allocation_minutes IS NOT NULL AND u.ended_at IS NULL AS running
        FROM subscriptions u
        WHERE u.workspace_id = p_workspace_id AND u.started_at <= coalesce(p_at, e.at) AND coalesce(u.ended_at > coalesce(p_at, e.at), true)
        ORDER BY u.subscription_no DESC LIMIT 1
    ) s ON true
    WHERE w.workspace_id = p_workspace_id;
END $$;
