-- Lots of a workspace in the order of use.
SELECT l.lot_id, l.kind, l.minutes, l.drawn, l.voided, l.remaining, l.acquired_at, l.entry_no, l.period_start, l.purchase_id
FROM lots l
WHERE l.workspace_id = :workspace_id AND (l.open OR NOT :open_only)
ORDER BY l.turn, l.lot_id
