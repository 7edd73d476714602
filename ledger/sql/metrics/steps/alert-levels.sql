-- name: Purchases after each alert level
-- unit: percent
-- estimate: ratio
-- better: up
-- of: alerts
-- period: 80% warning
-- matures: 14
-- rollup: own
-- repeats: yes
-- version: 1
-- example: none
-- formula: for each level (part) that the epochs of 80% warnings reached: alerts (n), those followed by a purchase within 14 days (value), and those whose purchase came before the next level (weight)
SELECT c.workspace_id, c.at, '' AS package, '' AS currency, substr(a.kind, 6) AS part,
       (b.paid_at IS NOT NULL)::int AS value, coalesce(b.paid_at < coalesce(next.at, 'infinity'), false)::int AS weight,
       a.at + w.length > :matured_by AS pending, c.epoch
FROM usage_alerts c
JOIN workspaces ws ON ws.workspace_id = c.workspace_id
JOIN usage_alerts a ON a.workspace_id = c.workspace_id AND a.epoch = c.epoch AND a.kind IN ('used_80', 'used_90', 'used_100')
CROSS JOIN (SELECT make_interval(days => :window_days) AS length) w
LEFT JOIN LATERAL (
    SELECT min(n.at) AS at FROM usage_alerts n
    WHERE n.workspace_id = a.workspace_id AND n.epoch = a.epoch AND n.kind IN ('used_90', 'used_100')
      AND CAST(substr(n.kind, 6) AS int) > CAST(substr(a.kind, 6) AS int)) next ON true
LEFT JOIN LATERAL (
    SELECT min(p.paid_at) AS paid_at FROM paid_purchases p
    WHERE p.workspace_id = a.workspace_id AND p.source = ws.source
      AND p.paid_at >= a.at AND p.paid_at < a.at + w.length AND p.paid_at <= :as_of) b ON true
WHERE ws.source = :source AND c.kind = 'used_80' AND c.at >= :start AND c.at < :end AND c.at <= :as_of
