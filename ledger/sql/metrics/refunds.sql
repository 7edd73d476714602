-- name: Refunds
-- unit: cents
-- estimate: sum
-- better: down
-- period: refund
-- matures: none
-- rollup: own
-- version: 2
-- example: 999.0 cents; n 1
-- formula: sum of refunds made in the period without their tax, on the day of the refund; failed refunds are no refunds; a plan counts the refunds of what was bought on it
-- of: refunds
-- segments: paid_at
SELECT r.workspace_id, r.refunded_at AS at, p.package, r.currency, '' AS part, refund_without_tax(r, p.amount_cents, p.charged_cents) AS value, 1 AS weight, false AS pending,
       r.purchase_id, p.paid_at, r.refund_id, r.status
FROM refunds r
JOIN paid_purchases p ON p.workspace_id = r.workspace_id AND p.purchase_id = r.purchase_id
WHERE p.source = :source AND r.refunded_at >= :start AND r.refunded_at < :end AND r.refunded_at <= :as_of
  AND r.status IN ('pending', 'requires_action', 'succeeded')
