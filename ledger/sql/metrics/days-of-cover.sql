-- name: Days of cover
-- unit: days
-- estimate: slow-median
-- better: up
-- of: workspaces
-- period: end of the period
-- matures: none
-- rollup: none
-- needs: rollups
-- version: 3
-- example: 21.9944 days; n 10
-- formula: minutes left at the end of the period / daily demand (used and unmet) of the last two UTC months by then, the running month with its days so far; the median over workspaces with any demand
SELECT u.workspace_id, u.at, '' AS package, '' AS currency, '' AS part,
       left_over.minutes::numeric * u.days / u.demand AS value,
       1 AS weight, false AS pending, u.demand, left_over.minutes AS minutes_left
FROM (
    SELECT c.workspace_id, span.at, sum(c.plan_minutes + c.extra_minutes + c.unmet_minutes) AS demand,
           extract(epoch FROM least(span.at, span.last_month + interval '1 month') - (span.last_month - interval '1 month')) / 86400 AS days
    FROM (
        SELECT ends.at, date_trunc('month', ends.at) - CASE WHEN ends.at < :as_of THEN interval '1 month' ELSE interval '0' END AS last_month
        FROM (SELECT least(CAST(:end AS timestamptz), :as_of) AS at) ends
    ) span
    JOIN monthly_usage_cache c ON c.month >= (span.last_month - interval '1 month')::date AND c.month <= span.last_month::date
    GROUP BY c.workspace_id, span.at, span.last_month
) u
JOIN rollup_marks k ON k.workspace_id = u.workspace_id
CROSS JOIN LATERAL (
    SELECT k.minutes - coalesce(sum(b.minutes), 0) AS minutes FROM balance_days b
    WHERE b.workspace_id = u.workspace_id AND b.day::timestamp AT TIME ZONE :timezone >= u.at) left_over
JOIN workspaces w ON w.workspace_id = u.workspace_id
WHERE w.source = :source AND u.demand > 0
