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
SELECT m.workspace_id, m.at, plan_at(m.workspace_id, m.lot_at, 'plan') AS plan,
       plan_at(m.workspace_id, m.lot_at, 'billing_cycle') AS billing_cycle, m.package, m.currency, m.part,
       m.minutes::numeric * m.amount_cents / m.bought_minutes AS value, 1 AS weight, false AS pending, m.lot_id
FROM (
    SELECT l.workspace_id, l.acquired_at AS at, l.acquired_at AS lot_at, l.lot_id, 'sold' AS part, l.minutes, p.package, p.currency, p.source, p.amount_cents, p.minutes AS bought_minutes
    FROM lots l JOIN paid_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
    WHERE l.kind = 'purchase'
    UNION ALL
    SELECT d.workspace_id, d.day::timestamp AT TIME ZONE :timezone, l.acquired_at, d.lot_id, part.name,
           CASE part.name WHEN 'used' THEN -d.drawn ELSE -d.voided END, p.package, p.currency, p.source, p.amount_cents, p.minutes
    FROM lot_days d
    JOIN lots l ON l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id
    JOIN paid_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
    CROSS JOIN (VALUES ('used'), ('taken back')) part (name)
    WHERE CASE part.name WHEN 'used' THEN d.drawn ELSE d.voided END <> 0
) m
WHERE m.source = :source AND m.at >= :start AND m.at < :end AND m.at <= :as_of
