SELECT result, computed_at FROM metric_fits
WHERE metric = :metric AND source = :source AND plan = :plan AND billing_cycle = :billing_cycle
  AND starts_at = :start AND ends_at = :end
