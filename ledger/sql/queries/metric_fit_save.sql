UPDATE metric_fits SET result = CAST(:result AS jsonb), as_of = :as_of, computed_at = :at
WHERE metric = :metric AND source = :source AND plan = :plan AND billing_cycle = :billing_cycle
  AND starts_at = :start AND ends_at = :end AND known_at = coalesce(CAST(:known_at AS timestamptz), 'infinity')
