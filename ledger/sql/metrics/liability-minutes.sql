-- name: Prepaid minutes still owed
-- unit: minutes
-- estimate: sum
-- better: none
-- period: payment, up to the end of the period
-- matures: none
-- rollup: liability-moves-minutes
-- accumulates: yes
-- version: 1
-- example: 1065.0 minutes
-- formula: unused minutes of all purchased lots; plan minutes and grants are not paid for and not counted
-- of: packages
SELECT l.workspace_id, l.acquired_at AS at, p.package, p.currency, '' AS part, left_over.minutes AS value, 1 AS weight, false AS pending,
       l.lot_id, l.purchase_id, l.minutes AS bought_minutes, p.amount_cents
FROM lots l
JOIN paid_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
CROSS JOIN LATERAL (
    SELECT l.remaining + coalesce(sum(d.drawn + d.voided), 0)::bigint AS minutes FROM lot_days d
    WHERE d.workspace_id = l.workspace_id AND d.lot_id = l.lot_id
      AND d.day::timestamp AT TIME ZONE :timezone >= least(CAST(:end AS timestamptz), :as_of)) left_over
WHERE p.source = :source AND l.kind = 'purchase' AND l.acquired_at < :end AND l.acquired_at <= :as_of AND left_over.minutes > 0
