-- name: Conversion net of full refunds
-- unit: percent
-- estimate: ratio
-- better: up
-- period: first limit hit
-- matures: 14
-- rollup: own
-- version: 1
-- example: 28.6 percent; n 7; 8.2 to 64.1; pending 2
-- formula: as conversion, but counting only workspaces with a purchase within 14 days whose money did not go back in full
SELECT h.workspace_id, h.at, plan_at(h.workspace_id, h.at, 'plan') AS plan,
       plan_at(h.workspace_id, h.at, 'billing_cycle') AS billing_cycle, '' AS package, '' AS currency, '' AS part,
       (kept.paid_at IS NOT NULL AND h.at + w.length <= :matured_by)::int AS value,
       (h.at + w.length <= :matured_by)::int AS weight,
       h.at + w.length > :matured_by AS pending,
       kept.paid_at, kept.package AS bought_package, kept.minutes AS bought_minutes
FROM first_hits h
CROSS JOIN (SELECT make_interval(days => :window_days) AS length) w
LEFT JOIN LATERAL (
    SELECT p.paid_at, p.package, p.minutes FROM paid_purchases p
    WHERE p.workspace_id = h.workspace_id AND p.source = h.source
      AND p.paid_at >= h.at AND p.paid_at < h.at + w.length AND p.paid_at <= :as_of
      AND (NOT p.contested OR returned_cents(p.workspace_id, p.purchase_id, :as_of) < p.amount_cents)
    ORDER BY p.paid_at, p.purchase_id LIMIT 1) kept ON true
WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
