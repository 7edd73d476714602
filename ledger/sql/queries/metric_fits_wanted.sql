-- Missing ones first, then those of the present that are an hour behind the rollups; an estimate of a closed period is
-- still renewed, because refunds and late payments may change it. What was known at a past moment is estimated once.
SELECT metric, source, plan, billing_cycle, starts_at, ends_at, nullif(known_at, 'infinity') AS known_at FROM metric_fits
WHERE result IS NULL OR (known_at = 'infinity' AND as_of < CAST(:as_of AS timestamptz) - interval '1 hour')
ORDER BY (result IS NOT NULL), as_of, wanted_at DESC
LIMIT :limit
