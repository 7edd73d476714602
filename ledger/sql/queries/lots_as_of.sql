-- Lots as of a moment, in the order of use: today's lots with everything undone that happened or was booked after it.
WITH later AS (
    SELECT e.entry_no, e.lot_id, -e.plan_delta - e.extra_delta AS taken, e.kind
    FROM entries e
    WHERE e.workspace_id = :workspace_id AND e.entry_no > :entry_no
      AND (e.entry_no > :booked_no OR CAST(:at AS timestamptz) IS NULL OR e.at > :at)
), undone AS (
    SELECT d.lot_id, sum(d.minutes)::bigint AS drawn, 0::bigint AS voided
    FROM later e JOIN draws d ON d.workspace_id = :workspace_id AND d.entry_no = e.entry_no
    WHERE e.kind = 'use' GROUP BY d.lot_id
    UNION ALL
    SELECT e.lot_id, 0, sum(e.taken)::bigint FROM later e
    WHERE e.kind IN ('void', 'refund', 'dispute', 'restore') GROUP BY e.lot_id
)
SELECT l.lot_id, l.kind, l.minutes, (l.drawn - u.drawn)::bigint AS drawn, (l.voided - u.voided)::bigint AS voided,
       (l.remaining + u.drawn + u.voided)::bigint AS remaining, l.acquired_at, l.entry_no, l.period_start, l.purchase_id
FROM lots l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(o.drawn), 0)::bigint AS drawn, coalesce(sum(o.voided), 0)::bigint AS voided FROM undone o WHERE o.lot_id = l.lot_id
) u
WHERE l.workspace_id = :workspace_id
  AND (l.entry_no <= :entry_no OR (l.entry_no <= :booked_no AND CAST(:at AS timestamptz) IS NOT NULL AND l.acquired_at <= :at))
  AND l.remaining + u.drawn + u.voided > 0
ORDER BY l.turn, l.lot_id
