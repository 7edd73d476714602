-- name: closed_month_add
INSERT INTO closed_months (metric, source, month, currency, revision, value, low, high, n, pending, reason, definition_version,
    report_timezone, as_of, computed_at, sum_of_values, sum_of_weights, row_count, facts, causes)
VALUES (:metric, :source, :month, :currency, :revision, :value, :low, :high, :n, :pending, :reason, :definition_version,
    :report_timezone, :as_of, :computed_at, :sum_of_values, :sum_of_weights, :row_count, CAST(:facts AS jsonb), CAST(:causes AS jsonb))
ON CONFLICT (metric, source, month, currency, revision) DO NOTHING;

-- name: closed_month_begin
-- The first day with anything to count: one step in the index for each metric.
SELECT min(first.day)
FROM unnest(CAST(:metrics AS text[])) AS m (metric)
CROSS JOIN LATERAL (
    SELECT d.day FROM daily_rollups d WHERE d.metric = m.metric AND d.source = :source ORDER BY d.day LIMIT 1) first;

-- name: closed_month_checked
INSERT INTO closed_month_checks (source, month, checked_at) VALUES (:source, :month, :at)
ON CONFLICT (source, month) DO UPDATE SET checked_at = EXCLUDED.checked_at;

-- name: closed_month_due
-- The months to compare in this pass: always the latest, then those that waited longest, never seen ones first.
SELECT m.month
FROM (
    SELECT CAST(g AS date) AS month FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 month') g
) m
LEFT JOIN closed_month_checks c ON c.source = :source AND c.month = m.month
ORDER BY (m.month > CAST(:last AS date) - make_interval(months => :recent)) DESC, c.checked_at NULLS FIRST, m.month DESC
LIMIT :limit;

-- name: closed_month_latest
-- The last reading of every number of one month.
SELECT DISTINCT ON (metric, currency) metric, currency, revision, definition_version, report_timezone,
       sum_of_values, sum_of_weights, row_count, facts
FROM closed_months
WHERE source = :source AND month = :month
ORDER BY metric, currency, revision DESC;

-- name: closed_month_readings
SELECT metric, source, month, currency, revision, value, low, high, n, pending, reason, definition_version, report_timezone,
       as_of, computed_at, causes
FROM closed_months
WHERE metric = ANY(CAST(:metrics AS text[])) AND source = :source AND month >= :first AND month < :last AND computed_at <= :as_of
ORDER BY month DESC, metric, currency, revision;

-- name: closed_month_returns
-- How often money came back of the purchases paid in a period, whenever that was.
SELECT coalesce(sum(r.n), 0)::bigint AS refunds, coalesce(sum(d.n), 0)::bigint AS disputes
FROM paid_purchases p
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM refunds f
    WHERE f.workspace_id = p.workspace_id AND f.purchase_id = p.purchase_id
      AND f.status IN ('pending', 'requires_action', 'succeeded') AND f.refunded_at <= :as_of) r
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM disputes o
    WHERE o.workspace_id = p.workspace_id AND o.purchase_id = p.purchase_id
      AND o.status = 'lost' AND coalesce(o.closed_at, o.opened_at) <= :as_of) d
WHERE p.source = :source AND p.paid_at >= :start AND p.paid_at < :end AND p.contested
  AND (CAST(:currency AS text) IS NULL OR p.currency = :currency);

-- name: closed_month_sums
-- All daily sums of one month, however many metrics there are.
SELECT d.metric, d.currency, d.part, sum(d.value) AS value, sum(d.weight)::bigint AS weight, sum(d.n)::bigint AS n
FROM daily_rollups d
WHERE d.metric = ANY(CAST(:metrics AS text[])) AND d.source = :source AND d.day >= :first AND d.day < :last
GROUP BY 1, 2, 3;

-- name: metric_currencies
SELECT DISTINCT currency FROM extra_minutes_packages ORDER BY currency;

-- name: rollup_lock
-- One refresh at a time.
SELECT report_timezone, definitions, data_to, swept_to FROM rollup_state FOR UPDATE;
