-- name: Buying and staying
-- unit: percent
-- estimate: evidence
-- better: up
-- of: workspaces
-- period: first limit hit
-- matures: none
-- rollup: none
-- version: 3
-- example: none; n 9
-- formula: the highest level of evidence that the data support: hold-out (all who hit the limit while it ran, by their arm), launch comparison (hitters against near-hitters, beside a drift of their own); below those an adjusted association only: Cox model with buying as it happens, matched pairs; never buyers against others
SELECT h.workspace_id, h.at, '' AS package, '' AS currency, '' AS part,
       extract(epoch FROM least(gone.left_at, :as_of) - h.at) / 86400 AS value,
       (gone.left_at IS NOT NULL)::int AS weight, false AS pending,
       extract(epoch FROM bought.paid_at - h.at) / 86400 AS bought_after_days,
       extract(epoch FROM h.at - w.created_at) / 86400 AS tenure_days,
       coalesce(before.minutes, 0) AS minutes_before, coalesce(pace.minutes_per_day, 0) AS minutes_per_day_before,
       experiment.hold_out, experiment.arm
FROM first_hits h
JOIN workspaces w ON w.workspace_id = h.workspace_id
LEFT JOIN LATERAL (
    SELECT min(p.paid_at) AS paid_at FROM paid_purchases p
    WHERE p.workspace_id = h.workspace_id AND p.source = h.source AND p.paid_at >= h.at AND p.paid_at <= :as_of) bought ON true
LEFT JOIN LATERAL departure(h.workspace_id, h.at, :as_of) gone ON true
LEFT JOIN LATERAL (
    SELECT sum(c.plan_minutes + c.extra_minutes) AS minutes FROM monthly_usage_cache c
    WHERE c.workspace_id = h.workspace_id AND c.month < date_trunc('month', h.at AT TIME ZONE 'UTC')::date
      AND c.month >= (date_trunc('month', h.at AT TIME ZONE 'UTC') - interval '2 months')::date) before ON true
LEFT JOIN LATERAL (
    SELECT (u.plan_minutes + u.extra_minutes) / greatest(extract(epoch FROM h.at - u.first_use_at) / 86400, 1) AS minutes_per_day
    FROM usage_by_epoch u WHERE u.workspace_id = h.workspace_id AND u.epoch = h.epoch) pace ON true
LEFT JOIN LATERAL (
    SELECT o.hold_out, hold_out_arm(h.workspace_id, o.hold_out, o.share_percent) AS arm FROM hold_outs o
    WHERE o.source = h.source AND o.starts_at <= h.at AND (o.ends_at IS NULL OR h.at < o.ends_at)
    ORDER BY o.starts_at LIMIT 1) experiment ON true
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
