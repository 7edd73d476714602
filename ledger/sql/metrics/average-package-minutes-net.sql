-- name: Average package size, full refunds left out
-- unit: minutes
-- estimate: mean
-- better: up
-- period: payment
-- matures: none
-- rollup: own
-- version: 1
-- example: 235.0 minutes; n 6; 135.0 to 450.0
-- formula: as average package size, without purchases whose money went back in full; a partial refund keeps its size
SELECT p.workspace_id, p.paid_at AS at, plan_at(p.workspace_id, p.paid_at, 'plan') AS plan,
       plan_at(p.workspace_id, p.paid_at, 'billing_cycle') AS billing_cycle, p.package, p.currency, '' AS part,
       p.minutes AS value, 1 AS weight, false AS pending,
       CAST(p.purchase_id AS text) AS purchase_id, p.package_name, p.amount_cents, p.status
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of
  AND (NOT p.contested OR returned_cents(p.workspace_id, p.purchase_id, :as_of) < p.amount_cents)
