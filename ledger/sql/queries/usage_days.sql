-- Minutes of one workspace by day of use in a time zone, between two moments.
SELECT (e.at AT TIME ZONE :zone)::date AS day, -sum(e.plan_delta)::bigint AS plan_minutes,
       -sum(e.extra_delta)::bigint AS extra_minutes, sum(e.unmet_minutes)::bigint AS unmet_minutes, count(*) AS uses
FROM entries e
WHERE e.workspace_id = :workspace_id AND e.kind = 'use' AND e.at >= :since AND e.at < :until
GROUP BY 1
ORDER BY 1
