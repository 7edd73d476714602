-- name: Conversion after a limit hit
-- unit: percent
-- estimate: ratio
-- better: up
-- of: workspaces
-- counts: workspaces
-- period: limit hit
-- matures: 14
-- rollup: own
-- windows: 1 7 30
-- version: 2
-- example: 57.1 percent; n 7; 25.0 to 84.2; pending 2
-- formula: of the workspaces that hit the limit in the period, at least 14 days ago, those that bought within 14 days of such a hit; a workspace counts once, however often it hit the limit
SELECT h.workspace_id, h.at, '' AS package, '' AS currency, '' AS part,
       (bought.paid_at IS NOT NULL AND h.at + w.length <= :matured_by)::int AS value,
       (h.at + w.length <= :matured_by)::int AS weight,
       h.at + w.length > :matured_by AS pending,
       h.epoch, bought.paid_at, bought.package AS bought_package, bought.minutes AS bought_minutes
FROM hit_facts h
CROSS JOIN (SELECT make_interval(days => :window_days) AS length) w
LEFT JOIN LATERAL (
    SELECT p.paid_at, p.package, p.minutes FROM paid_purchases p
    WHERE p.workspace_id = h.workspace_id AND p.source = h.source
      AND p.paid_at >= h.at AND p.paid_at < h.at + w.length AND p.paid_at <= :as_of
    ORDER BY p.paid_at, p.purchase_id LIMIT 1) bought ON true
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
