INSERT INTO metric_fits (metric, source, plan, billing_cycle, starts_at, ends_at, wanted_at, known_at)
SELECT :metric, :source, :plan, :billing_cycle, :start, :end, :at,
       CASE WHEN CAST(:as_of AS timestamptz) < s.data_to - interval '1 hour' THEN CAST(:as_of AS timestamptz) ELSE 'infinity' END
FROM rollup_state s
ON CONFLICT (metric, source, plan, billing_cycle, starts_at, ends_at, known_at) DO UPDATE SET wanted_at = EXCLUDED.wanted_at
