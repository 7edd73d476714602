INSERT INTO monthly_usage_cache AS c (workspace_id, month, plan_minutes, extra_minutes, unmet_minutes)
SELECT e.workspace_id, CAST(date_trunc('month', e.at AT TIME ZONE 'UTC') AS date),
       CAST(-sum(e.plan_delta) AS bigint), CAST(-sum(e.extra_delta) AS bigint), CAST(sum(e.unmet_minutes) AS bigint)
FROM rollup_work r
JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no
WHERE e.kind = 'use'
GROUP BY 1, 2
ON CONFLICT (workspace_id, month) DO UPDATE SET
    plan_minutes = c.plan_minutes + EXCLUDED.plan_minutes,
    extra_minutes = c.extra_minutes + EXCLUDED.extra_minutes,
    unmet_minutes = c.unmet_minutes + EXCLUDED.unmet_minutes
