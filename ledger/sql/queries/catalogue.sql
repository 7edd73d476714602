-- name: add_package_version
INSERT INTO extra_minutes_packages
    (code, version, arm, name, tagline, minutes, amount_cents, currency, valid_from, valid_to, stripe_product, stripe_price, created_by)
SELECT :code, 1 + coalesce(max(version), 0), :arm, :name, coalesce(CAST(:tagline AS text),
       (SELECT l.tagline FROM extra_minutes_packages l WHERE l.code = :code ORDER BY l.valid_from DESC, l.version DESC LIMIT 1)), :minutes, :amount_cents, :currency, :valid_from, :valid_to,
       CAST(:stripe_product AS text), CAST(:stripe_price AS text), :created_by
FROM extra_minutes_packages WHERE code = :code AND arm = :arm
RETURNING code, version, arm, name, tagline, minutes, amount_cents, currency, valid_from, valid_to, stripe_product, stripe_price, created_by;

-- name: add_plan_price
INSERT INTO plan_prices (price_id, product_id, plan, billing_cycle, amount_cents, currency, months, valid_from, created_by)
VALUES (:price_id, :product_id, :plan, :billing_cycle, :amount_cents, :currency, CAST(:months AS integer), :valid_from, :created_by)
ON CONFLICT (price_id) DO NOTHING
RETURNING price_id;

-- name: add_price_test
-- Refuses (no row) while another test covers any part of the same time.
INSERT INTO price_tests (test, arms, starts_at, ends_at, created_by)
SELECT :test, CAST(:arms AS text[]), :starts_at, CAST(:ends_at AS timestamptz), :created_by
WHERE NOT EXISTS (
    SELECT 1 FROM price_tests
    WHERE starts_at < coalesce(CAST(:ends_at AS timestamptz), 'infinity') AND coalesce(ends_at, 'infinity') > :starts_at)
RETURNING test, arms, starts_at, ends_at, created_by;

-- name: close_package_versions
-- Takes the versions of one code and arm off sale from a moment on: those of one currency, or all.
UPDATE extra_minutes_packages SET valid_to = greatest(CAST(:at AS timestamptz), valid_from)
WHERE code = :code AND arm = :arm AND currency = coalesce(CAST(:currency AS text), currency)
  AND (valid_to IS NULL OR valid_to > :at);

-- name: close_plan_prices
-- A newer price takes over; subscriptions on the old one keep it.
UPDATE plan_prices SET valid_to = greatest(CAST(:at AS timestamptz), valid_from)
WHERE plan = :plan AND billing_cycle = :billing_cycle AND currency = :currency AND (valid_to IS NULL OR valid_to > :at);

-- name: end_price_test
UPDATE price_tests SET ends_at = :at
WHERE test = :test AND starts_at < :at AND (ends_at IS NULL OR ends_at > :at)
RETURNING test, arms, starts_at, ends_at, created_by;

-- name: offered_packages
-- What is on sale at a moment, for one workspace (its arm of a running price test) or for everybody else, in :currency or
-- that of the workspace; what is not sold in it is in another.
WITH arm AS (
    SELECT coalesce(
        (SELECT price_test_arm(:workspace_id, test, arms) FROM price_tests
         WHERE starts_at <= :at AND (ends_at IS NULL OR ends_at > :at) AND CAST(:workspace_id AS text) IS NOT NULL
         ORDER BY starts_at, test LIMIT 1),
        'standard') AS arm
), wanted AS (
    SELECT coalesce(CAST(:currency AS text), pays_in(:workspace_id, :at), 'usd') AS currency
), offer AS (
    SELECT DISTINCT ON (p.code)
           p.code, p.version, p.arm, p.name, p.tagline, p.minutes, p.amount_cents, p.currency, p.valid_from, p.valid_to,
           p.stripe_product, p.stripe_price, p.created_by
    FROM extra_minutes_packages p, arm, wanted
    WHERE p.valid_from <= :at AND (p.valid_to IS NULL OR p.valid_to > :at) AND p.arm IN (arm.arm, 'standard')
    ORDER BY p.code, p.currency <> wanted.currency, p.arm <> arm.arm, p.version DESC
)
SELECT * FROM offer ORDER BY minutes, code;

-- name: add_other_price
INSERT INTO other_prices (price_id, product_id, created_by) VALUES (:price_id, :product_id, :created_by)
ON CONFLICT (price_id) DO NOTHING;

-- name: drop_other_price
DELETE FROM other_prices WHERE price_id = :price_id;

-- name: other_prices
SELECT price_id FROM other_prices WHERE CAST(:prices AS text[]) IS NULL OR price_id = ANY(CAST(:prices AS text[]));

-- name: unusual_currency
-- The currency of a workspace where it is another than that of an offer to anybody.
SELECT nullif(pays_in(:workspace_id, :at), 'usd');

-- name: package_versions
-- Every version of every package, newest first within its code and arm.
SELECT code, version, arm, name, tagline, minutes, amount_cents, currency, valid_from, valid_to, stripe_product, stripe_price, created_by
FROM extra_minutes_packages
ORDER BY code, arm <> 'standard', arm, version DESC;

-- name: attribute_of_inline
coalesce((SELECT known.segment FROM workspace_attributes known WHERE known.workspace_id = {workspace_id} AND known.key = {key}), 'none')

-- name: has_attributes_inline
-- Whether a workspace has every attribute of :attributes; one without a key counts under 'none'.
(attributes_unset(CAST(:attributes AS jsonb)) || coalesce((
    SELECT jsonb_object_agg(known.key, known.segment) FROM workspace_attributes known
    WHERE known.workspace_id = {workspace_id}), '{{}}')) @> CAST(:attributes AS jsonb)

-- name: pays_in_inline
-- The currency of a workspace at a moment: its attribute billing_currency, else that of its newest plan invoice, else that of
-- its newest package; NULL when nothing says.
coalesce(
    (SELECT lower(known.segment) FROM workspace_attributes known WHERE known.workspace_id = {workspace_id} AND known.key = 'billing_currency'),
    (SELECT invoice.currency FROM stripe_invoices invoice WHERE invoice.workspace_id = {workspace_id} AND invoice.paid_at <= {at}
     ORDER BY invoice.paid_at DESC, invoice.invoice_id LIMIT 1),
    (SELECT bought.currency FROM extra_minutes_purchases bought WHERE bought.workspace_id = {workspace_id} AND bought.paid_at <= {at}
     ORDER BY bought.paid_at DESC, bought.purchase_id LIMIT 1))

-- name: plan_at_inline
coalesce((
    SELECT period.{column} FROM subscriptions period
    WHERE period.workspace_id = {workspace_id} AND period.started_at <= ({at}) AND (period.ended_at IS NULL OR period.ended_at > ({at}))
    ORDER BY period.started_at DESC, period.subscription_no DESC LIMIT 1), 'none')

-- name: plan_list
-- The plans, with the minutes of one month.
SELECT plan, name, minutes FROM plans ORDER BY plan;

-- name: plans_of_prices
SELECT r.price_id, r.plan, r.billing_cycle, r.months, p.minutes AS month_minutes FROM plan_prices r JOIN plans p USING (plan)
WHERE r.price_id = ANY(CAST(:prices AS text[]));

-- name: plan_prices
-- Prices of plans with what the plan gives; newest first within plan and cycle.
SELECT r.price_id, r.product_id, r.plan, r.billing_cycle, r.amount_cents, r.currency, r.valid_from, r.valid_to, r.created_by,
       p.minutes * coalesce(r.months, CASE WHEN r.billing_cycle = 'annual' THEN 12 ELSE 1 END) AS minutes
FROM plan_prices r JOIN plans p USING (plan)
ORDER BY r.plan, r.billing_cycle, r.valid_from DESC, r.price_id;

-- name: price_test_at
SELECT test, arms, starts_at, ends_at, created_by FROM price_tests
WHERE starts_at <= :at AND (ends_at IS NULL OR ends_at > :at) ORDER BY starts_at, test LIMIT 1;

-- name: price_tests
SELECT test, arms, starts_at, ends_at, created_by FROM price_tests ORDER BY starts_at DESC, test;

-- name: catalogue_names
SELECT kind, code, name FROM (
    SELECT 'plan' AS kind, plan AS code, name, minutes FROM plans
    UNION ALL
    SELECT 'package', code, (array_agg(name ORDER BY arm = 'standard' DESC, version DESC))[1],
           (array_agg(minutes ORDER BY arm = 'standard' DESC, version DESC))[1]
    FROM extra_minutes_packages GROUP BY code
) named
ORDER BY kind, minutes, code;
