-- name: Prepaid money earned
-- unit: cents
-- estimate: sum
-- better: none
-- of: moves
-- segments: bought_at
-- period: day of the move, refund or end of the dispute
-- matures: none
-- rollup: own
-- needs: rollups
-- closes: yes
-- version: 2
-- example: 4447.8 cents; n 6
-- formula: prepaid minutes used or taken back in the period, each at the price paid for its own lot - money that went back in the period; since the beginning, earned + owed = net revenue, to the last fraction of a cent
SELECT m.workspace_id, m.at, m.package, m.currency, m.part, -m.value AS value, m.weight, m.pending, m.bought_at
FROM rows('liability-moves-money') m
WHERE m.part <> 'sold'
UNION ALL
SELECT r.workspace_id, r.at, r.package, r.currency, r.part, r.value, r.weight, r.pending, r.paid_at
FROM rows('revenue-net') r
WHERE r.part <> 'paid'
