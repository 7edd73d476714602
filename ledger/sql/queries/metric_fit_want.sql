INSERT INTO metric_fits (metric, source, plan, billing_cycle, starts_at, ends_at, wanted_at)
VALUES (:metric, :source, :plan, :billing_cycle, :start, :end, :at)
ON CONFLICT (metric, source, plan, billing_cycle, starts_at, ends_at) DO UPDATE SET wanted_at = EXCLUDED.wanted_at
