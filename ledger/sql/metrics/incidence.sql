-- name: Bought by day 14 after a limit hit, with leaving as a rival
-- unit: percent
-- estimate: incidence
-- better: up
-- period: first limit hit
-- matures: none
-- rollup: none
-- version: 1
-- example: 47.2 percent; n 9; 13.9 to 75.2
-- formula: Aalen-Johansen share that bought within 14 days of the first limit hit; leaving competes, hits that are still open are censored
SELECT h.workspace_id, h.at, plan_at(h.workspace_id, h.at, 'plan') AS plan,
       plan_at(h.workspace_id, h.at, 'billing_cycle') AS billing_cycle, '' AS package, '' AS currency, '' AS part,
       extract(epoch FROM least(bought.paid_at, gone.left_at, :as_of) - h.at) / 86400 AS value,
       CASE WHEN bought.paid_at <= least(gone.left_at, :as_of) THEN 1 WHEN gone.left_at <= :as_of THEN 2 ELSE 0 END AS weight,
       false AS pending, bought.paid_at, gone.left_at
FROM first_hits h
LEFT JOIN LATERAL (
    SELECT min(p.paid_at) AS paid_at FROM paid_purchases p
    WHERE p.workspace_id = h.workspace_id AND p.source = h.source AND p.paid_at >= h.at AND p.paid_at <= :as_of) bought ON true
LEFT JOIN LATERAL (
    SELECT min(s.ended_at) AS left_at FROM subscriptions s
    WHERE s.workspace_id = h.workspace_id AND s.ended_at >= h.at AND NOT EXISTS (
        SELECT 1 FROM subscriptions again
        WHERE again.workspace_id = s.workspace_id AND again.subscription_no > s.subscription_no
          AND again.started_at < s.ended_at + interval '30 days')) gone ON true
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
