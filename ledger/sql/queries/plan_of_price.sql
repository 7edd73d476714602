SELECT plan, billing_cycle FROM plan_prices WHERE price_id = :price_id;
