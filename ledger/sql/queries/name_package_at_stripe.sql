UPDATE extra_minutes_packages SET stripe_product = :stripe_product, stripe_price = :stripe_price
WHERE code = :code AND version = :version AND arm = :arm;
