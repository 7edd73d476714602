-- name: Moves of the prepaid money
-- unit: cents
-- estimate: sum
-- better: none
-- period: day of the move
-- matures: none
-- rollup: own
-- needs: rollups
-- version: 1
-- example: 12046.2 cents; n 12
-- formula: the moves of the prepaid minutes, each minute at the price paid for its own lot
-- of: moves
-- segments: bought_at
SELECT r.workspace_id, r.at, r.package, r.currency, r.part, r.value::numeric * r.amount_cents / r.bought_minutes AS value, r.weight, r.pending,
       r.lot_id, r.bought_at, r.value AS minutes
FROM rows('liability-moves-minutes') r
