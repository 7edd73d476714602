-- The months to compare in this pass: always the latest, then those that waited longest, never seen ones first.
SELECT m.month
FROM (
    SELECT CAST(g AS date) AS month FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 month') g
) m
LEFT JOIN closed_month_checks c ON c.source = :source AND c.month = m.month
ORDER BY (m.month > CAST(:last AS date) - make_interval(months => :recent)) DESC, c.checked_at NULLS FIRST, m.month DESC
LIMIT :limit
