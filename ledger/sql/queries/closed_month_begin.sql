-- The first day with anything to count: one step in the index for each metric.
SELECT min(first.day)
FROM unnest(CAST(:metrics AS text[])) AS m (metric)
CROSS JOIN LATERAL (
    SELECT d.day FROM daily_rollups d WHERE d.metric = m.metric AND d.source = :source ORDER BY d.day LIMIT 1) first
