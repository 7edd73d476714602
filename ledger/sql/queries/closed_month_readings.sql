SELECT metric, source, month, currency, revision, value, low, high, n, pending, reason, definition_version, report_timezone,
       as_of, computed_at, causes
FROM closed_months
WHERE metric = ANY(CAST(:metrics AS text[])) AND source = :source AND month >= :first AND month < :last AND computed_at <= :as_of
ORDER BY month DESC, metric, currency, revision
