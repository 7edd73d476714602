-- name: Purchases after the 80% warning
-- unit: percent
-- estimate: ratio
-- better: up
-- of: warnings
-- period: warning
-- matures: 14
-- rollup: own
-- repeats: yes
-- version: 1
-- example: 55.6 percent; n 9; 26.7 to 81.1; pending 3
-- formula: of the 80% warnings of the period that are at least 14 days old, those followed by a purchase within 14 days
SELECT c.workspace_id, c.at, '' AS package, '' AS currency, '' AS part,
       (bought.paid_at IS NOT NULL AND c.at + w.length <= :matured_by)::int AS value,
       (c.at + w.length <= :matured_by)::int AS weight, c.at + w.length > :matured_by AS pending, c.epoch, bought.paid_at
FROM usage_alerts c
JOIN workspaces ws ON ws.workspace_id = c.workspace_id
CROSS JOIN (SELECT make_interval(days => :window_days) AS length) w
LEFT JOIN LATERAL (
    SELECT min(p.paid_at) AS paid_at FROM paid_purchases p
    WHERE p.workspace_id = c.workspace_id AND p.source = ws.source
      AND p.paid_at >= c.at AND p.paid_at < c.at + w.length AND p.paid_at <= :as_of) bought ON true
WHERE ws.source = :source AND c.kind = 'used_80' AND c.at >= :start AND c.at < :end AND c.at <= :as_of
