SELECT q.* FROM (
/* rows */
) q
WHERE (CAST(:plan AS text) IS NULL OR q.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR q.billing_cycle = :billing_cycle)
  AND (CAST(:package AS text) IS NULL OR q.package = :package)
  AND (CAST(:currency AS text) IS NULL OR q.currency IN ('', :currency))
ORDER BY q.at DESC, q
LIMIT :limit OFFSET :offset
