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
-- of: purchases
SELECT r.* FROM rows('average-package-minutes') r
WHERE NOT r.contested OR returned_cents(r.workspace_id, r.purchase_id, :as_of) < r.amount_cents
