-- Of the rows behind conversion, those too young to count that have not bought. OFFSET: only their plans are looked up.
SELECT q.workspace_id, q.at, q.plan, q.billing_cycle FROM (
    SELECT r.* FROM (
/* rows */
    ) r
    WHERE r.pending AND r.paid_at IS NULL
    OFFSET 0
) q
WHERE (CAST(:plan AS text) IS NULL OR q.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR q.billing_cycle = :billing_cycle)
ORDER BY q.at DESC, q.workspace_id
LIMIT :limit OFFSET :offset
