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
-- of: workspaces
SELECT h.workspace_id, h.at, '' AS package, '' AS currency, '' AS part,
       extract(epoch FROM least(bought.paid_at, gone.left_at, :as_of) - h.at) / 86400 AS value,
       CASE WHEN bought.paid_at <= least(gone.left_at, :as_of) THEN 1 WHEN gone.left_at <= :as_of THEN 2 ELSE 0 END AS weight,
       false AS pending, bought.paid_at, gone.left_at
FROM first_hits h
LEFT JOIN LATERAL (
    SELECT min(p.paid_at) AS paid_at FROM paid_purchases p
    WHERE p.workspace_id = h.workspace_id AND p.source = h.source AND p.paid_at >= h.at AND p.paid_at <= :as_of) bought ON true
LEFT JOIN LATERAL departure(h.workspace_id, h.at, :as_of) gone ON true
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
