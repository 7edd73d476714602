SELECT CASE CAST(:by AS text)
           WHEN 'plan' THEN q.plan WHEN 'billing_cycle' THEN q.billing_cycle WHEN 'package' THEN q.package
           WHEN 'part' THEN q.part WHEN 'currency' THEN q.currency
           WHEN 'day' THEN CAST(CAST(q.at AT TIME ZONE :timezone AS date) AS text)
           WHEN 'week' THEN CAST(CAST(date_trunc('week', q.at AT TIME ZONE :timezone) AS date) AS text)
           WHEN 'month' THEN CAST(CAST(date_trunc('month', q.at AT TIME ZONE :timezone) AS date) AS text)
       END AS part,
       coalesce(sum(q.value) FILTER (WHERE NOT q.pending), 0)::numeric AS value,
       coalesce(sum(q.weight) FILTER (WHERE NOT q.pending), 0)::bigint AS weight,
       count(*) FILTER (WHERE NOT q.pending) AS n,
       count(*) FILTER (WHERE q.pending) AS pending
FROM (
/* rows */
) q
WHERE (CAST(:plan AS text) IS NULL OR q.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR q.billing_cycle = :billing_cycle)
  AND (CAST(:package AS text) IS NULL OR q.package = :package)
  AND (CAST(:currency AS text) IS NULL OR q.currency IN ('', :currency))
GROUP BY 1
ORDER BY 1
