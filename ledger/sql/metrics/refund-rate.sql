-- name: Purchases given back in full
-- unit: percent
-- estimate: ratio
-- better: down
-- period: payment
-- matures: none
-- rollup: own
-- repeats: yes
-- version: 1
-- example: 14.3 percent; n 7; 2.6 to 51.3
-- formula: purchases paid in the period whose money went back in full by refunds or lost disputes / purchases paid in the period
-- of: purchases
SELECT r.workspace_id, r.at, r.package, r.currency, r.part,
       (r.contested AND returned_cents(r.workspace_id, r.purchase_id, :as_of) >= r.amount_cents)::int AS value,
       r.weight, r.pending, r.purchase_id, r.amount_cents, r.status
FROM rows('revenue-gross') r
