-- Minutes by age in whole days: used at it, or no longer watched after it. What is left of a day's packages is watched
-- up to the last day that is known.
WITH days AS (
    SELECT d.metric, d.day, d.part, sum(d.value) AS value, sum(d.weight) AS weight
    FROM daily_rollups d
    WHERE d.source = :source AND d.day >= CAST(:first_day AS date) AND d.day < CAST(:last_day AS date)
      AND (d.metric = 'use-by-age' OR d.metric = 'liability-moves-minutes' AND d.part = 'sold')
      AND (CAST(:plan AS text) IS NULL OR d.plan = :plan)
      AND (CAST(:billing_cycle AS text) IS NULL OR d.billing_cycle = :billing_cycle)
    GROUP BY 1, 2, 3
)
SELECT m.age, CAST(sum(m.used) AS bigint) AS used, CAST(sum(m.censored) AS bigint) AS censored
FROM (
    SELECT CAST(part AS integer) AS age, value AS used, weight AS censored FROM days WHERE metric = 'use-by-age'
    UNION ALL
    SELECT greatest(CAST(:known_day AS date) - day, 0), 0, sum(CASE metric WHEN 'use-by-age' THEN -value - weight ELSE value END)
    FROM days
    GROUP BY day
) m
GROUP BY 1
HAVING sum(m.used) <> 0 OR sum(m.censored) <> 0
ORDER BY 1
