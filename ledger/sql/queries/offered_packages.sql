-- What is on sale at a moment, for one workspace (its arm of a running price test) or for everybody else.
WITH arm AS (
    SELECT coalesce(
        (SELECT price_test_arm(:workspace_id, test, arms) FROM price_tests
         WHERE starts_at <= :at AND (ends_at IS NULL OR ends_at > :at) AND CAST(:workspace_id AS text) IS NOT NULL
         ORDER BY starts_at, test LIMIT 1),
        'standard') AS arm
), offer AS (
    SELECT DISTINCT ON (p.code)
           p.code, p.version, p.arm, p.name, p.minutes, p.amount_cents, p.currency, p.valid_from, p.valid_to,
           p.stripe_product, p.stripe_price, p.created_by
    FROM extra_minutes_packages p, arm
    WHERE p.valid_from <= :at AND (p.valid_to IS NULL OR p.valid_to > :at) AND p.arm IN (arm.arm, 'standard')
    ORDER BY p.code, p.arm <> arm.arm, p.version DESC
)
SELECT * FROM offer ORDER BY minutes, code;
