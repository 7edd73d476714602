INSERT INTO closed_months (metric, source, month, currency, revision, value, low, high, n, pending, reason, definition_version,
    report_timezone, as_of, computed_at, sum_of_values, sum_of_weights, row_count, facts, causes)
VALUES (:metric, :source, :month, :currency, :revision, :value, :low, :high, :n, :pending, :reason, :definition_version,
    :report_timezone, :as_of, :computed_at, :sum_of_values, :sum_of_weights, :row_count, CAST(:facts AS jsonb), CAST(:causes AS jsonb))
ON CONFLICT (metric, source, month, currency, revision) DO NOTHING
