-- Draws of uses, and what voids, refunds, disputes and give-backs moved in the lot they name.
INSERT INTO lot_days AS l (workspace_id, lot_id, day, drawn, voided)
SELECT m.workspace_id, m.lot_id, m.day, CAST(sum(m.drawn) AS bigint), CAST(sum(m.voided) AS bigint)
FROM (
    SELECT d.workspace_id, d.lot_id, CAST(e.at AT TIME ZONE :timezone AS date) AS day, d.minutes AS drawn, 0 AS voided
    FROM rollup_work r
    JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no AND e.extra_delta < 0 AND e.kind = 'use'
    JOIN draws d ON d.workspace_id = e.workspace_id AND d.entry_no = e.entry_no
    UNION ALL
    SELECT e.workspace_id, e.lot_id, CAST(e.at AT TIME ZONE :timezone AS date), 0, -e.extra_delta
    FROM rollup_work r
    JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no
    WHERE e.kind IN ('void', 'refund', 'dispute', 'restore') AND e.extra_delta <> 0
) m
JOIN lots o ON o.workspace_id = m.workspace_id AND o.lot_id = m.lot_id
WHERE o.kind = 'purchase'
GROUP BY 1, 2, 3
ON CONFLICT (workspace_id, lot_id, day) DO UPDATE SET drawn = l.drawn + EXCLUDED.drawn, voided = l.voided + EXCLUDED.voided
