-- The last reading of every number of one month.
SELECT DISTINCT ON (metric, currency) metric, currency, revision, definition_version, report_timezone,
       sum_of_values, sum_of_weights, row_count, facts
FROM closed_months
WHERE source = :source AND month = :month
ORDER BY metric, currency, revision DESC
