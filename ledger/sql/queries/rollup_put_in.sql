WITH put AS MATERIALIZED (
    SELECT d.metric, w.source, d.day, d.plan, d.billing_cycle, d.package, d.currency, d.part,
           sum(d.value) AS value, CAST(sum(d.weight) AS bigint) AS weight, CAST(sum(d.n) AS bigint) AS n
    FROM rollup_work r
    JOIN workspaces w ON w.workspace_id = r.workspace_id
    JOIN workspace_days d ON d.workspace_id = r.workspace_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), months AS (
    INSERT INTO monthly_rollups AS t (metric, source, month, plan, billing_cycle, package, currency, part, value, weight, n)
    SELECT metric, source, CAST(date_trunc('month', CAST(day AS timestamp)) AS date), plan, billing_cycle, package, currency, part,
           sum(value), CAST(sum(weight) AS bigint), CAST(sum(n) AS bigint)
    FROM put
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (metric, source, month, plan, billing_cycle, package, currency, part) DO UPDATE SET
        value = t.value + EXCLUDED.value, weight = t.weight + EXCLUDED.weight, n = t.n + EXCLUDED.n
)
INSERT INTO daily_rollups AS t (metric, source, day, plan, billing_cycle, package, currency, part, value, weight, n)
SELECT metric, source, day, plan, billing_cycle, package, currency, part, value, weight, n FROM put
ON CONFLICT (metric, source, day, plan, billing_cycle, package, currency, part) DO UPDATE SET
    value = t.value + EXCLUDED.value, weight = t.weight + EXCLUDED.weight, n = t.n + EXCLUDED.n
