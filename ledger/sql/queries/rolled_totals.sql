-- Days before the whole months, the whole months, and the days after them.
SELECT CASE CAST(:by AS text)
           WHEN 'plan' THEN d.plan WHEN 'billing_cycle' THEN d.billing_cycle WHEN 'package' THEN d.package
           WHEN 'part' THEN d.part WHEN 'currency' THEN d.currency
           WHEN 'day' THEN CAST(d.day AS text)
           WHEN 'week' THEN CAST(CAST(date_trunc('week', CAST(d.day AS timestamp)) AS date) AS text)
           WHEN 'month' THEN CAST(CAST(date_trunc('month', CAST(d.day AS timestamp)) AS date) AS text)
       END AS part,
       coalesce(sum(d.value), 0) AS value, coalesce(sum(d.weight), 0)::bigint AS weight, coalesce(sum(d.n), 0)::bigint AS n
FROM (
    SELECT t.* FROM daily_rollups t
    WHERE t.metric = :metric AND t.source = :source
      AND t.day >= coalesce(CAST(:first_day AS date), '-infinity') AND t.day < CAST(:first_month AS date)
    UNION ALL
    SELECT t.* FROM monthly_rollups t
    WHERE t.metric = :metric AND t.source = :source AND t.month >= CAST(:first_month AS date) AND t.month < CAST(:last_month AS date)
    UNION ALL
    SELECT t.* FROM daily_rollups t
    WHERE t.metric = :metric AND t.source = :source
      AND t.day >= CAST(:last_month AS date) AND t.day < coalesce(CAST(:last_day AS date), 'infinity')
) d
WHERE (CAST(:plan AS text) IS NULL OR d.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR d.billing_cycle = :billing_cycle)
  AND (CAST(:package AS text) IS NULL OR d.package = :package)
  AND (CAST(:currency AS text) IS NULL OR d.currency IN ('', :currency))
GROUP BY 1
ORDER BY 1
