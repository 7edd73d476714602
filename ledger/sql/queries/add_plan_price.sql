INSERT INTO plan_prices (price_id, product_id, plan, billing_cycle, amount_cents, currency, valid_from, created_by)
VALUES (:price_id, :product_id, :plan, :billing_cycle, :amount_cents, :currency, :valid_from, :created_by)
ON CONFLICT (price_id) DO NOTHING;
