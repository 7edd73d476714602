SELECT test, arms, starts_at, ends_at, created_by FROM price_tests
WHERE starts_at <= :at AND (ends_at IS NULL OR ends_at > :at) ORDER BY starts_at, test LIMIT 1;
