SELECT l.lot_id, l.kind, l.minutes, l.drawn, l.voided, l.remaining, l.acquired_at, l.entry_no, l.period_start, l.purchase_id
FROM lots l
WHERE l.workspace_id = :workspace_id AND l.lot_id = :lot_id
