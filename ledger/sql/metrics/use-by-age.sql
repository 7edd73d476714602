-- name: Used minutes of the packages bought
-- unit: minutes
-- estimate: sum
-- better: none
-- of: package-days
-- period: payment
-- matures: none
-- rollup: own
-- needs: rollups
-- version: 1
-- example: 345.0 minutes; n 5
-- formula: minutes drawn so far from the packages bought in the period; parts: the age of the package in whole days; weight: what was taken back at that age
SELECT d.workspace_id, l.acquired_at AS at, '' AS package, '' AS currency,
       CAST(greatest(d.day - CAST(l.acquired_at AT TIME ZONE :timezone AS date), 0) AS text) AS part,
       d.drawn AS value, d.voided AS weight, false AS pending, d.lot_id, d.day
FROM lot_days d
JOIN lots l ON l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id
JOIN paid_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
WHERE p.source = :source AND l.acquired_at >= :start AND l.acquired_at < :end AND l.acquired_at <= :as_of
