-- A newer price takes over; subscriptions on the old one keep it.
UPDATE plan_prices SET valid_to = greatest(CAST(:at AS timestamptz), valid_from)
WHERE plan = :plan AND billing_cycle = :billing_cycle AND currency = :currency AND (valid_to IS NULL OR valid_to > :at);
