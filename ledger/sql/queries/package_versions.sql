-- Every version of every package, newest first within its code and arm.
SELECT code, version, arm, name, minutes, amount_cents, currency, valid_from, valid_to, stripe_product, stripe_price, created_by
FROM extra_minutes_packages
ORDER BY code, arm <> 'standard', arm, version DESC;
