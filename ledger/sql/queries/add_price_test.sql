-- Refuses (no row) while another test covers any part of the same time.
INSERT INTO price_tests (test, arms, starts_at, ends_at, created_by)
SELECT :test, CAST(:arms AS text[]), :starts_at, CAST(:ends_at AS timestamptz), :created_by
WHERE NOT EXISTS (
    SELECT 1 FROM price_tests
    WHERE starts_at < coalesce(CAST(:ends_at AS timestamptz), 'infinity') AND coalesce(ends_at, 'infinity') > :starts_at)
RETURNING test, arms, starts_at, ends_at, created_by;
