-- Make-goods, newest first, with how far each got.
SELECT b.batch_id, b.title, b.reason, b.created_by, b.created_at, b.needs_approval, b.approved_by, b.undone_by,
       count(r.*) AS rows,
       count(r.*) FILTER (WHERE r.state = 'waiting') AS waiting,
       count(r.*) FILTER (WHERE r.state = 'granted') AS granted,
       count(r.*) FILTER (WHERE r.state = 'refused') AS refused,
       count(r.*) FILTER (WHERE r.state = 'undone') AS undone,
       coalesce(sum(r.minutes) FILTER (WHERE r.state <> 'refused'), 0)::bigint AS minutes,
       coalesce(sum(r.minutes) FILTER (WHERE r.state IN ('granted', 'undone')), 0)::bigint AS minutes_granted,
       coalesce(sum(r.undone_minutes), 0)::bigint AS minutes_undone
FROM grant_batches b
LEFT JOIN grant_batch_rows r ON r.batch_id = b.batch_id
WHERE CAST(:batch_id AS uuid) IS NULL OR b.batch_id = CAST(:batch_id AS uuid)
GROUP BY b.batch_id
ORDER BY b.created_at DESC, b.batch_id
LIMIT :limit
