SELECT test, arms, starts_at, ends_at, created_by FROM price_tests ORDER BY starts_at DESC, test;
