-- name: Moves of the prepaid minutes
-- unit: minutes
-- estimate: sum
-- better: none
-- period: day of the move
-- matures: none
-- rollup: own
-- needs: rollups
-- version: 1
-- example: 1065.0 minutes; n 12
-- formula: minutes sold - minutes drawn from purchased lots - minutes taken back (refunds, disputes, voids; what was given back counts against them)
-- of: moves
-- segments: bought_at
SELECT m.workspace_id, m.at, m.package, m.currency, m.part, m.minutes AS value, 1 AS weight, false AS pending,
       m.lot_id, m.bought_at, m.amount_cents, m.bought_minutes
FROM (
    SELECT p.workspace_id, l.acquired_at AS at, l.acquired_at AS bought_at, l.lot_id, 'sold' AS part, l.minutes,
           p.package, p.currency, p.source, p.amount_cents, p.minutes AS bought_minutes
    FROM stored_lots l JOIN paid_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
    WHERE l.kind = 'purchase'
    UNION ALL
    SELECT p.workspace_id, d.day::timestamp AT TIME ZONE :timezone, l.acquired_at, d.lot_id, 'used', -d.drawn,
           p.package, p.currency, p.source, p.amount_cents, p.minutes
    FROM lot_days d
    JOIN stored_lots l ON l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id
    JOIN paid_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
    WHERE d.drawn <> 0
    UNION ALL
    SELECT p.workspace_id, d.day::timestamp AT TIME ZONE :timezone, l.acquired_at, d.lot_id, 'taken back', -d.voided,
           p.package, p.currency, p.source, p.amount_cents, p.minutes
    FROM lot_days d
    JOIN stored_lots l ON l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id
    JOIN paid_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
    WHERE d.voided <> 0
) m
WHERE m.source = :source AND m.at >= :start AND m.at < :end AND m.at <= :as_of
