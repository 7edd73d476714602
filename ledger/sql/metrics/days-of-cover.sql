-- name: Days of cover
-- unit: days
-- estimate: slow-median
-- better: up
-- period: last 31 days before the end of the period
-- matures: none
-- rollup: none
-- needs: rollups
-- version: 1
-- example: 21.9944 days; n 10
-- formula: minutes left now / daily demand (used and unmet) of this and the previous UTC month; the median over workspaces with any demand
SELECT u.workspace_id, m.latest_at AS at, coalesce(m.plan, 'none') AS plan, coalesce(m.billing_cycle, 'none') AS billing_cycle,
       '' AS package, '' AS currency, '' AS part,
       (m.minutes_remaining + m.extra_minutes_remaining)::numeric * u.days / u.demand AS value,
       1 AS weight, false AS pending, m.minutes_remaining + m.extra_minutes_remaining AS minutes_left, u.demand
FROM (
    SELECT c.workspace_id, sum(c.plan_minutes + c.extra_minutes + c.unmet_minutes) AS demand,
           extract(epoch FROM CAST(:as_of AS timestamptz) - (date_trunc('month', CAST(:as_of AS timestamptz)) - interval '1 month')) / 86400 AS days
    FROM monthly_usage_cache c
    WHERE c.month >= (date_trunc('month', CAST(:as_of AS timestamptz)) - interval '1 month')::date AND c.month <= CAST(:as_of AS timestamptz)::date
    GROUP BY c.workspace_id
) u
JOIN workspace_minutes m ON m.workspace_id = u.workspace_id
JOIN workspaces w ON w.workspace_id = u.workspace_id
WHERE w.source = :source AND u.demand > 0
