WITH taken AS MATERIALIZED (
    SELECT d.metric, w.source, d.day, d.plan, d.billing_cycle, d.package, d.currency, d.part,
           sum(d.value) AS value, CAST(sum(d.weight) AS bigint) AS weight, CAST(sum(d.n) AS bigint) AS n
    FROM rollup_work r
    JOIN workspaces w ON w.workspace_id = r.workspace_id
    JOIN workspace_days d ON d.workspace_id = r.workspace_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), months AS (
    UPDATE monthly_rollups t SET value = t.value - o.value, weight = t.weight - o.weight, n = t.n - o.n
    FROM (
        SELECT metric, source, CAST(date_trunc('month', CAST(day AS timestamp)) AS date) AS month, plan, billing_cycle, package,
               currency, part, sum(value) AS value, CAST(sum(weight) AS bigint) AS weight, CAST(sum(n) AS bigint) AS n
        FROM taken
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ) o
    WHERE (t.metric, t.source, t.month, t.plan, t.billing_cycle, t.package, t.currency, t.part)
        = (o.metric, o.source, o.month, o.plan, o.billing_cycle, o.package, o.currency, o.part)
)
UPDATE daily_rollups t SET value = t.value - o.value, weight = t.weight - o.weight, n = t.n - o.n
FROM taken o
WHERE (t.metric, t.source, t.day, t.plan, t.billing_cycle, t.package, t.currency, t.part)
    = (o.metric, o.source, o.day, o.plan, o.billing_cycle, o.package, o.currency, o.part)
