-- name: Payment and dispute fees
-- unit: cents
-- estimate: sum
-- better: down
-- period: payment or opening of the dispute
-- matures: none
-- rollup: own
-- version: 2
-- example: 0.0 cents; n 0
-- formula: sum of what the payment provider charged: for purchases paid in the period, and for disputes opened in it; not part of net revenue
-- of: fees
-- segments: paid_at
SELECT p.workspace_id, p.paid_at AS at, p.package, p.fee_currency AS currency, 'payment' AS part,
       p.fee_cents AS value, 1 AS weight, false AS pending, p.purchase_id, p.paid_at
FROM paid_purchases p
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.paid_at <= :as_of AND p.fee_cents IS NOT NULL
UNION ALL
SELECT d.workspace_id, d.opened_at, p.package, d.currency, 'dispute', d.fee_cents, 1, false, d.purchase_id, p.paid_at
FROM disputes d
JOIN paid_purchases p ON p.workspace_id = d.workspace_id AND p.purchase_id = d.purchase_id
WHERE p.source = :source AND d.opened_at >= :start AND d.opened_at < :end AND d.opened_at <= :as_of AND d.fee_cents IS NOT NULL
