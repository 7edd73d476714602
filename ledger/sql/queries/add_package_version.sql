INSERT INTO extra_minutes_packages
    (code, version, arm, name, minutes, amount_cents, currency, valid_from, valid_to, stripe_product, stripe_price, created_by)
SELECT :code, 1 + coalesce(max(version), 0), :arm, :name, :minutes, :amount_cents, :currency, :valid_from, :valid_to,
       CAST(:stripe_product AS text), CAST(:stripe_price AS text), :created_by
FROM extra_minutes_packages WHERE code = :code AND arm = :arm
RETURNING code, version, arm, name, minutes, amount_cents, currency, valid_from, valid_to, stripe_product, stripe_price, created_by;
