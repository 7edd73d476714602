-- Every epoch of the workspaces from p_first to p_last that began by p_to. met and unmet: minutes of its uses. blocked_demand:
-- minutes wanted while it was blocked: what was refused, or the workspace's own usual rate for as long as nothing was left, if
-- that is more. rate: minutes met per unblocked second, over all its epochs (of at least a day). net_minutes: minutes of the
-- lot that were not voided. prompted: a limit hit came just before it. ended_at: when the workspace's last plan ended, NULL
-- while it has one. PostgreSQL inlines it where it is called: it costs no more than the same text there.
CREATE OR REPLACE FUNCTION timed_epochs(p_first text, p_last text, p_to timestamptz)
RETURNS TABLE (workspace_id text, lot_id bigint, kind text, acquired_at timestamptz, net_minutes float8, ended_at timestamptz,
               hit_at timestamptz, prompted boolean, met float8, unmet float8, rate float8, blocked_demand float8)
LANGUAGE sql STABLE AS $$
    WITH ended AS (
        SELECT s.workspace_id, CASE WHEN bool_or(s.ended_at IS NULL) THEN NULL ELSE max(s.ended_at) END AS ended_at
        FROM subscriptions s WHERE s.workspace_id >= p_first AND s.workspace_id <= p_last GROUP BY 1
    ), epochs AS (
        SELECT l.workspace_id, l.lot_id, l.kind, l.acquired_at, (l.minutes - l.voided)::float8 AS net_minutes, e.ended_at, h.at AS hit_at,
               lag(h.at) OVER own IS NOT NULL AS prompted,
               coalesce(u.plan_minutes + u.extra_minutes, 0)::float8 AS met, coalesce(u.unmet_minutes, 0)::float8 AS unmet,
               greatest(coalesce(lead(l.acquired_at) OVER own, least(e.ended_at, p_to)), l.acquired_at) AS ends_at
        FROM lots l
        LEFT JOIN ended e ON e.workspace_id = l.workspace_id
        LEFT JOIN usage_by_epoch u ON u.workspace_id = l.workspace_id AND u.epoch = l.lot_id
                                   AND u.workspace_id >= p_first AND u.workspace_id <= p_last
        LEFT JOIN usage_alerts h ON h.workspace_id = l.workspace_id AND h.epoch = l.lot_id AND h.kind = 'limit_hit'
                              AND h.workspace_id >= p_first AND h.workspace_id <= p_last
        WHERE l.acquired_at <= p_to AND l.workspace_id >= p_first AND l.workspace_id <= p_last
        WINDOW own AS (PARTITION BY l.workspace_id ORDER BY l.lot_id)
    ), timed AS (
        SELECT t.*, extract(epoch FROM t.ends_at - t.acquired_at)::float8 AS lasted,
               CASE WHEN t.hit_at IS NULL THEN 0
                    ELSE greatest(extract(epoch FROM t.ends_at - greatest(t.hit_at, t.acquired_at)), 0) END::float8 AS blocked
        FROM epochs t
    ), rated AS (
        SELECT r.*, sum(r.met) OVER own / greatest(sum(r.lasted - r.blocked) OVER own, 86400) AS rate
        FROM timed r WINDOW own AS (PARTITION BY r.workspace_id)
    )
    SELECT f.workspace_id, f.lot_id, f.kind, f.acquired_at, f.net_minutes, f.ended_at, f.hit_at, f.prompted, f.met, f.unmet, f.rate,
           greatest(f.unmet, f.rate * f.blocked) AS blocked_demand
    FROM rated f
$$;
