-- What one entry moved, lot by lot, in the order of use: the draws of a use, or the lot that was credited or taken from.
SELECT l.lot_id, l.kind, m.minutes, l.acquired_at, l.purchase_id
FROM (
    SELECT d.lot_id, d.minutes FROM draws d WHERE d.workspace_id = :workspace_id AND d.entry_no = :entry_no
    UNION ALL
    SELECT e.lot_id, e.plan_delta + e.extra_delta FROM entries e
    WHERE e.workspace_id = :workspace_id AND e.entry_no = :entry_no AND e.take IS NULL
) m
JOIN lots l ON l.workspace_id = :workspace_id AND l.lot_id = m.lot_id
ORDER BY l.turn, l.lot_id
