-- Of the rows behind conversion, those too young to count that have not bought.
SELECT q.workspace_id, q.at, q.plan, q.billing_cycle FROM (
/* rows */
) q
WHERE q.pending AND q.paid_at IS NULL
  AND (CAST(:plan AS text) IS NULL OR q.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR q.billing_cycle = :billing_cycle)
ORDER BY q.at DESC, q.workspace_id
LIMIT :limit OFFSET :offset
