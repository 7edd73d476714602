-- Paid without minutes, minutes without payment, and minutes that differ from what was bought or taken back.
SELECT p.workspace_id, p.purchase_id, p.status, p.minutes, p.paid_at, p.lot_id, p.taken_back_minutes,
       l.lot_id AS found_lot_id, l.minutes AS lot_minutes,
       (SELECT coalesce(sum(CASE e.kind WHEN 'restore' THEN -e.minutes ELSE e.minutes END), 0)::bigint FROM entries e
        WHERE e.workspace_id = p.workspace_id AND e.lot_id = l.lot_id AND e.kind IN ('refund', 'dispute', 'restore')) AS taken_minutes
FROM extra_minutes_purchases p
LEFT JOIN lots l ON l.workspace_id = p.workspace_id AND l.purchase_id = p.purchase_id
WHERE p.workspace_id = ANY(:ids) AND (p.paid_at IS NOT NULL OR l.lot_id IS NOT NULL)
  -- Paid a moment ago: its event still waits in the inbox and will bring the minutes.
  AND NOT (l.lot_id IS NULL AND EXISTS (
        SELECT 1 FROM stripe_events w WHERE w.next_attempt_at IS NOT NULL AND w.object_id IN (p.payment_intent, p.charge)))
