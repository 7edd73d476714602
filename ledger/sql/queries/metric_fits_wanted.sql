-- Missing ones first, then those that are an hour behind the rollups; an estimate of a closed period is still renewed,
-- because refunds and late payments may change it.
SELECT metric, source, plan, billing_cycle, starts_at, ends_at FROM metric_fits
WHERE result IS NULL OR as_of < CAST(:as_of AS timestamptz) - interval '1 hour'
ORDER BY (result IS NOT NULL), as_of, wanted_at DESC
LIMIT :limit
