-- Once a day is enough: what nobody has asked for is forgotten after a week only.
UPDATE metric_fits SET wanted_at = :at
WHERE metric = :metric AND source = :source AND plan = :plan AND billing_cycle = :billing_cycle
  AND starts_at = :start AND ends_at = :end AND wanted_at < CAST(:at AS timestamptz) - interval '1 day'
