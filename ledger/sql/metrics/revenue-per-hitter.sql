-- name: Net revenue per workspace that reached the limit
-- unit: cents
-- estimate: mean
-- better: up
-- of: workspaces
-- period: first limit hit
-- matures: none
-- rollup: own
-- closes: no
-- version: 1
-- example: 1610.5556 cents; n 9
-- formula: net revenue since their first limit hit / workspaces whose first limit hit lies in the period, buyers or not
SELECT h.workspace_id, h.at, '' AS package, '' AS currency, 'reached the limit' AS part, 0::numeric AS value, 1::bigint AS weight, false AS pending
FROM first_hits h
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
UNION ALL
SELECT h.workspace_id, h.at, '', line.currency, 'bought', line.value, 0, false
FROM first_hits h
CROSS JOIN LATERAL (
    SELECT p.currency,
           sum(p.amount_cents - CASE WHEN p.contested THEN returned_cents(p.workspace_id, p.purchase_id, :as_of) ELSE 0 END) AS value
    FROM paid_purchases p
    WHERE p.workspace_id = h.workspace_id AND p.source = h.source AND p.paid_at >= h.at AND p.paid_at <= :as_of
    GROUP BY p.currency) line
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
