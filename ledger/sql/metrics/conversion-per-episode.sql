-- name: Conversion per limit hit
-- unit: percent
-- estimate: ratio
-- better: up
-- period: limit hit
-- matures: 14
-- rollup: own
-- repeats: yes
-- version: 1
-- example: 50.0 percent; n 8; 21.5 to 78.5; pending 3
-- formula: of all limit hits in the period that are at least 14 days old, those followed by a purchase within 14 days and before the next limit hit
SELECT h.workspace_id, h.at, plan_at(h.workspace_id, h.at, 'plan') AS plan,
       plan_at(h.workspace_id, h.at, 'billing_cycle') AS billing_cycle, '' AS package, '' AS currency, '' AS part,
       (bought.paid_at IS NOT NULL AND h.at + w.length <= :matured_by)::int AS value,
       (h.at + w.length <= :matured_by)::int AS weight,
       h.at + w.length > :matured_by AS pending,
       h.epoch, next.at AS next_hit_at, bought.paid_at
FROM hit_facts h
CROSS JOIN (SELECT make_interval(days => :window_days) AS length) w
LEFT JOIN LATERAL (
    SELECT c.at FROM usage_alerts c
    WHERE c.workspace_id = h.workspace_id AND c.kind = 'limit_hit' AND (c.at, c.epoch) > (h.at, h.epoch)
    ORDER BY c.at, c.epoch LIMIT 1) next ON true
LEFT JOIN LATERAL (
    SELECT min(p.paid_at) AS paid_at FROM paid_purchases p
    WHERE p.workspace_id = h.workspace_id AND p.source = h.source AND p.paid_at <= :as_of
      AND p.paid_at >= h.at AND p.paid_at < least(h.at + w.length, coalesce(next.at, 'infinity'))) bought ON true
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
