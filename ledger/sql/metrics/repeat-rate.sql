-- name: Repeat purchases
-- unit: percent
-- estimate: ratio
-- better: up
-- of: workspaces
-- period: first payment
-- matures: 90
-- rollup: own
-- version: 1
-- example: none; pending 7
-- formula: of the workspaces that first bought in the period, at least 90 days ago, those that bought again on another day within 90 days; purchases of one day are one order
SELECT f.workspace_id, f.paid_at AS at, '' AS package, '' AS currency, '' AS part,
       (again.at IS NOT NULL AND f.paid_at + w.length <= :matured_by)::int AS value,
       (f.paid_at + w.length <= :matured_by)::int AS weight, f.paid_at + w.length > :matured_by AS pending,
       again.at AS again_at, again.days AS order_days
FROM paid_purchases f
CROSS JOIN (SELECT make_interval(days => :window_days) AS length) w
LEFT JOIN LATERAL (
    SELECT min(p.paid_at) AS at, count(DISTINCT (p.paid_at AT TIME ZONE :timezone)::date) AS days
    FROM paid_purchases p
    WHERE p.workspace_id = f.workspace_id AND p.source = f.source AND p.paid_at <= :as_of AND p.paid_at < f.paid_at + w.length
      AND (p.paid_at AT TIME ZONE :timezone)::date > (f.paid_at AT TIME ZONE :timezone)::date) again ON true
WHERE f.source = :source AND f.paid_at >= :start AND f.paid_at < :end AND f.paid_at <= :as_of
  AND NOT EXISTS ( -- OFFSET keeps this a lookup for each row: as a join it depends on statistics, which an import has not
      SELECT 1 FROM paid_purchases earlier
      WHERE earlier.workspace_id = f.workspace_id AND earlier.source = f.source
        AND (earlier.paid_at, earlier.purchase_id) < (f.paid_at, f.purchase_id)
      OFFSET 0)
