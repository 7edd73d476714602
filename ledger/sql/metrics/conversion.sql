-- name: Conversion after a limit hit
-- unit: percent
-- estimate: ratio
-- better: up
-- period: first limit hit
-- matures: 14
-- rollup: own
-- windows: 1 7 30
-- version: 1
-- example: 42.9 percent; n 7; 15.8 to 75.0; pending 2
-- formula: of the workspaces whose first limit hit lies in the period and is at least 14 days old, those that bought within 14 days of it
SELECT h.workspace_id, h.at, plan_at(h.workspace_id, h.at, 'plan') AS plan,
       plan_at(h.workspace_id, h.at, 'billing_cycle') AS billing_cycle, '' AS package, '' AS currency, '' AS part,
       (bought.paid_at IS NOT NULL AND h.at + w.length <= :matured_by)::int AS value,
       (h.at + w.length <= :matured_by)::int AS weight,
       h.at + w.length > :matured_by AS pending,
       bought.paid_at, bought.package AS bought_package, bought.minutes AS bought_minutes
FROM first_hits h
CROSS JOIN (SELECT make_interval(days => :window_days) AS length) w
LEFT JOIN LATERAL (
    SELECT p.paid_at, p.package, p.minutes FROM paid_purchases p
    WHERE p.workspace_id = h.workspace_id AND p.source = h.source
      AND p.paid_at >= h.at AND p.paid_at < h.at + w.length AND p.paid_at <= :as_of
    ORDER BY p.paid_at, p.purchase_id LIMIT 1) bought ON true
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
