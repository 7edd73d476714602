UPDATE price_tests SET ends_at = :at
WHERE test = :test AND starts_at < :at AND (ends_at IS NULL OR ends_at > :at)
RETURNING test, arms, starts_at, ends_at, created_by;
