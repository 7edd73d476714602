INSERT INTO workspace_days (workspace_id, metric, day, plan, billing_cycle, package, currency, part, value, weight, n)
SELECT q.workspace_id, :name, CAST(q.at AT TIME ZONE :timezone AS date), q.plan, q.billing_cycle, q.package, q.currency, q.part,
       sum(q.value), CAST(sum(q.weight) AS bigint), count(*)
FROM (
/* rows */
) q
JOIN rollup_work r ON r.workspace_id = q.workspace_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
