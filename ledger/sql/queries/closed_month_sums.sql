-- All daily sums of one month, however many metrics there are.
SELECT d.metric, d.currency, d.part, sum(d.value) AS value, sum(d.weight)::bigint AS weight, sum(d.n)::bigint AS n
FROM daily_rollups d
WHERE d.metric = ANY(CAST(:metrics AS text[])) AND d.source = :source AND d.day >= :first AND d.day < :last
GROUP BY 1, 2, 3
