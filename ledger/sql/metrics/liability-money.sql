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
-- of: packages
SELECT r.workspace_id, r.at, r.package, r.currency, r.part, r.value::numeric * r.amount_cents / r.bought_minutes AS value, r.weight, r.pending,
       r.lot_id, r.purchase_id, r.value AS unused_minutes, r.amount_cents, r.bought_minutes
FROM rows('liability-minutes') r
