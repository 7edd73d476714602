SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY q.value::float8) AS value, count(*) AS n
FROM (
/* rows */
) q
WHERE NOT q.pending
  AND (CAST(:plan AS text) IS NULL OR q.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR q.billing_cycle = :billing_cycle)
  AND (CAST(:package AS text) IS NULL OR q.package = :package)
  AND (CAST(:currency AS text) IS NULL OR q.currency IN ('', :currency))
