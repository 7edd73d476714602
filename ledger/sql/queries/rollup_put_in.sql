INSERT INTO daily_rollups AS t (metric, source, day, plan, billing_cycle, package, currency, part, value, weight, n)
SELECT d.metric, w.source, d.day, d.plan, d.billing_cycle, d.package, d.currency, d.part,
       sum(d.value), CAST(sum(d.weight) AS bigint), CAST(sum(d.n) AS bigint)
FROM rollup_work r
JOIN workspaces w ON w.workspace_id = r.workspace_id
JOIN workspace_days d ON d.workspace_id = r.workspace_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
ON CONFLICT (metric, source, day, plan, billing_cycle, package, currency, part) DO UPDATE SET
    value = t.value + EXCLUDED.value, weight = t.weight + EXCLUDED.weight, n = t.n + EXCLUDED.n
