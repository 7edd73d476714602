-- What is sold and at what price.
-- Amounts are integers of the currency's minor unit; Stripe's ids are facts about a row, never its key.

CREATE TABLE extra_minutes_packages (
    code text COLLATE "C" NOT NULL CONSTRAINT packages_code_shape CHECK (code ~ '^[a-z][a-z0-9_-]{0,39}$'),
    version integer NOT NULL CONSTRAINT packages_version_from_one CHECK (version > 0),
    arm text COLLATE "C" NOT NULL CONSTRAINT packages_arm_shape CHECK (arm ~ '^[a-z][a-z0-9_-]{0,39}$'),
    name text NOT NULL CONSTRAINT packages_name_length CHECK (length(name) BETWEEN 1 AND 100),
    tagline text CONSTRAINT packages_tagline_length CHECK (length(tagline) BETWEEN 1 AND 100),
    minutes bigint NOT NULL CONSTRAINT packages_minutes_range CHECK (minutes BETWEEN 1 AND 1000000),
    amount_cents bigint NOT NULL CONSTRAINT packages_amount_range CHECK (amount_cents BETWEEN 1 AND 99999999),
    currency text COLLATE "C" NOT NULL CONSTRAINT packages_currency_shape CHECK (currency ~ '^[a-z]{3}$'),
    valid_from timestamptz NOT NULL,
    valid_to timestamptz CONSTRAINT packages_end_after_start CHECK (valid_to >= valid_from),
    stripe_product text COLLATE "C",
    stripe_price text COLLATE "C",
    created_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (code, version, arm)
);
COMMENT ON TABLE extra_minutes_packages IS 'What is on sale, in versions: a new price is a new row, old purchases keep theirs.';
COMMENT ON COLUMN extra_minutes_packages.arm IS 'Arm of a price test; `standard` is what everybody else is offered.';
COMMENT ON COLUMN extra_minutes_packages.tagline IS 'One line that helps a customer choose; null shows none.';
COMMENT ON COLUMN extra_minutes_packages.valid_from IS 'On sale from here up to, not including, valid_to.';
INSERT INTO extra_minutes_packages (code, version, arm, name, tagline, minutes, amount_cents, currency, valid_from, created_by) VALUES
    ('small', 1, 'standard', 'Small', 'Best for occasional overages', 60, 999, 'usd', '2020-01-01 00:00:00+00', 'migration'),
    ('medium', 1, 'standard', 'Medium', 'Popular choice', 150, 1999, 'usd', '2020-01-01 00:00:00+00', 'migration'),
    ('large', 1, 'standard', 'Large', 'Better value', 300, 3499, 'usd', '2020-01-01 00:00:00+00', 'migration'),
    ('jumbo', 1, 'standard', 'Jumbo', 'Best price per minute', 600, 5999, 'usd', '2020-01-01 00:00:00+00', 'migration');

-- Which arms are offered side by side, and when. An arm named twice gets twice the share.
CREATE TABLE price_tests (
    test text COLLATE "C" PRIMARY KEY CONSTRAINT price_tests_shape CHECK (test ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    arms text[] NOT NULL CONSTRAINT price_tests_two_arms CHECK (cardinality(arms) BETWEEN 2 AND 100),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz CONSTRAINT price_tests_end_after_start CHECK (ends_at > starts_at),
    created_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Plan and billing cycle of a Stripe price; a price that is not here is never guessed.
CREATE TABLE plan_prices (
    price_id text COLLATE "C" PRIMARY KEY,
    product_id text COLLATE "C",
    plan text COLLATE "C" NOT NULL REFERENCES plans,
    billing_cycle text NOT NULL CONSTRAINT plan_prices_cycle CHECK (billing_cycle IN ('monthly', 'annual')),
    amount_cents bigint NOT NULL CONSTRAINT plan_prices_amount_not_negative CHECK (amount_cents >= 0),
    currency text COLLATE "C" NOT NULL CONSTRAINT plan_prices_currency_shape CHECK (currency ~ '^[a-z]{3}$'),
    months integer CONSTRAINT plan_prices_months_positive CHECK (months > 0),
    valid_from timestamptz NOT NULL,
    valid_to timestamptz CONSTRAINT plan_prices_end_after_start CHECK (valid_to >= valid_from),
    created_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Recurring prices that pay for something else: their lines give nothing, and nobody needs to map them.
CREATE TABLE other_prices (
    price_id text COLLATE "C" PRIMARY KEY,
    product_id text COLLATE "C",
    created_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN plan_prices.months IS 'Months of one period of the price at Stripe; null: read at Stripe when needed.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('extra_minutes_packages', 'reference', 'code'),
    ('price_tests', 'reference', 'test'),
    ('plan_prices', 'reference', 'price_id'),
    ('other_prices', 'reference', 'price_id');

-- grants
-- A version keeps its price for ever: only the end of its sale and its Stripe ids may change.
GRANT SELECT, INSERT, UPDATE (valid_to, stripe_product, stripe_price) ON extra_minutes_packages TO ledger_app;
GRANT SELECT, INSERT, UPDATE (valid_to) ON plan_prices TO ledger_app;
GRANT SELECT, INSERT, UPDATE (ends_at) ON price_tests TO ledger_app;
GRANT SELECT, INSERT, DELETE ON other_prices TO ledger_app;
