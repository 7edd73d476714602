-- Of exactly that past moment, else that of the present, unless it knows what was not known by then; within the hour in
-- which estimates are renewed the two are one.
SELECT result, computed_at FROM metric_fits
WHERE metric = :metric AND source = :source AND plan = :plan AND billing_cycle = :billing_cycle
  AND starts_at = :start AND ends_at = :end
  AND (known_at = :as_of OR (known_at = 'infinity' AND (as_of IS NULL OR as_of <= CAST(:as_of AS timestamptz) + interval '1 hour')))
ORDER BY known_at LIMIT 1
