-- name: Upgrades after a limit hit
-- unit: percent
-- estimate: ratio
-- better: up
-- of: workspaces
-- period: first limit hit
-- matures: 14
-- rollup: own
-- version: 1
-- example: 0.0 percent; n 7; 0.0 to 35.4; pending 2
-- formula: of the workspaces whose first limit hit lies in the period and is at least 14 days old, those that moved to a plan with more minutes within 14 days
SELECT h.workspace_id, h.at, '' AS package, '' AS currency, '' AS part,
       (up.at IS NOT NULL AND h.at + w.length <= :matured_by)::int AS value,
       (h.at + w.length <= :matured_by)::int AS weight, h.at + w.length > :matured_by AS pending, up.at AS upgraded_at, up.plan AS upgraded_to
FROM first_hits h
CROSS JOIN (SELECT make_interval(days => :window_days) AS length) w
LEFT JOIN LATERAL (
    SELECT s.started_at AS at, s.plan
    FROM subscriptions s
    JOIN plans bigger ON bigger.plan = s.plan
    JOIN plans had ON had.plan = plan_at(h.workspace_id, h.at, 'plan')
    WHERE s.workspace_id = h.workspace_id AND s.started_at >= h.at AND s.started_at < h.at + w.length
      AND s.started_at <= :as_of
      AND bigger.minutes * CASE WHEN s.billing_cycle = 'annual' THEN 12 ELSE 1 END
          > had.minutes * CASE WHEN plan_at(h.workspace_id, h.at, 'billing_cycle') = 'annual' THEN 12 ELSE 1 END
    ORDER BY s.started_at LIMIT 1) up ON true
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
