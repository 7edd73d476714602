SELECT coalesce(sum(q.value), 0)::float8 AS value, coalesce(sum(q.weight), 0)::bigint AS weight
FROM (
/* rows */
) q
WHERE NOT q.pending
  AND (CAST(:plan AS text) IS NULL OR q.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR q.billing_cycle = :billing_cycle)
  AND (CAST(:package AS text) IS NULL OR q.package = :package)
  AND (CAST(:currency AS text) IS NULL OR q.currency IN ('', :currency))
GROUP BY q.workspace_id
ORDER BY q.workspace_id
LIMIT :limit
