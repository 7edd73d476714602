-- The sums that the screens read, added up again from what each workspace adds to them: the rows that differ.
WITH days AS (
    SELECT d.metric, w.source, d.day, d.plan, d.billing_cycle, d.package, d.currency, d.part,
           sum(d.value) AS value, sum(d.weight) AS weight, sum(d.n) AS n
    FROM workspace_days d JOIN workspaces w ON w.workspace_id = d.workspace_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), months AS (
    SELECT metric, source, CAST(date_trunc('month', CAST(day AS timestamp)) AS date) AS day, plan, billing_cycle, package, currency, part,
           sum(value) AS value, sum(weight) AS weight, sum(n) AS n
    FROM days GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), added AS (
    SELECT 'daily_rollups' AS sums, days.* FROM days UNION ALL SELECT 'monthly_rollups', months.* FROM months
), kept AS (
    SELECT 'daily_rollups' AS sums, metric, source, day, plan, billing_cycle, package, currency, part, value, weight, n FROM daily_rollups
    UNION ALL
    SELECT 'monthly_rollups', metric, source, month, plan, billing_cycle, package, currency, part, value, weight, n FROM monthly_rollups
)
SELECT concat_ws(' ', sums, metric, source, day, plan, billing_cycle, package, currency, part) AS place,
       concat_ws(' ', a.value, a.weight, a.n) AS expected, concat_ws(' ', k.value, k.weight, k.n) AS found
FROM added a
FULL JOIN kept k USING (sums, metric, source, day, plan, billing_cycle, package, currency, part)
WHERE (coalesce(a.value, 0), coalesce(a.weight, 0), coalesce(a.n, 0)) <> (coalesce(k.value, 0), coalesce(k.weight, 0), coalesce(k.n, 0))
ORDER BY 1
