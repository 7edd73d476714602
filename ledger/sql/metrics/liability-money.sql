-- name: Prepaid money still owed
-- unit: cents
-- estimate: sum
-- better: none
-- period: payment, up to the end of the period
-- matures: none
-- rollup: liability-moves-money
-- accumulates: yes
-- version: 1
-- example: 12046.2 cents
-- formula: unused minutes of each purchased lot x the price per minute paid for that lot (deferred revenue)
SELECT l.workspace_id, l.acquired_at AS at, plan_at(l.workspace_id, l.acquired_at, 'plan') AS plan,
       plan_at(l.workspace_id, l.acquired_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, '' AS part,
       left_over.minutes::numeric * p.amount_cents / p.minutes AS value, 1 AS weight, false AS pending,
       l.lot_id, CAST(l.purchase_id AS text) AS purchase_id, left_over.minutes AS unused_minutes, p.amount_cents, p.minutes AS bought_minutes
FROM lots l
JOIN paid_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
CROSS JOIN LATERAL (
    SELECT l.remaining + coalesce(sum(d.drawn + d.voided), 0)::bigint AS minutes FROM lot_days d
    WHERE d.workspace_id = l.workspace_id AND d.lot_id = l.lot_id
      AND d.day::timestamp AT TIME ZONE :timezone >= least(CAST(:end AS timestamptz), :as_of)) left_over
WHERE p.source = :source AND l.kind = 'purchase' AND l.acquired_at < :end AND l.acquired_at <= :as_of AND left_over.minutes > 0
