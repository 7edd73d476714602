-- Who bought what, and what Stripe says about it: purchases, refunds, disputes, and whose an id of Stripe is.

CREATE TABLE extra_minutes_purchases (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    purchase_id uuid NOT NULL,
    -- What was agreed, copied here before Stripe is called, and never changed.
    key text COLLATE "C" NOT NULL CONSTRAINT purchases_key_length CHECK (length(key) BETWEEN 1 AND 255),
    body jsonb NOT NULL,
    source text NOT NULL CONSTRAINT purchases_source CHECK (source IN ('live', 'stripe_test', 'sandbox', 'demo')),
    package text COLLATE "C" NOT NULL,
    package_version integer NOT NULL,
    package_arm text COLLATE "C" NOT NULL,
    package_name text NOT NULL,
    minutes bigint NOT NULL CONSTRAINT purchases_minutes_positive CHECK (minutes > 0),
    amount_cents bigint NOT NULL CONSTRAINT purchases_amount_positive CHECK (amount_cents > 0),
    currency text COLLATE "C" NOT NULL CONSTRAINT purchases_currency_shape CHECK (currency ~ '^[a-z]{3}$'),
    actor text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- What Stripe says about it, as of synced_at.
    status text COLLATE "C" NOT NULL DEFAULT 'requires_payment' CONSTRAINT purchases_status CHECK (status IN (
        'requires_payment', 'requires_action', 'processing', 'paid', 'failed', 'canceled', 'quarantined',
        'partially_refunded', 'refunded', 'disputed')),
    attempt integer NOT NULL DEFAULT 1 CONSTRAINT purchases_attempt_from_one CHECK (attempt > 0),
    attempt_key text COLLATE "C",
    attempted_at timestamptz NOT NULL,
    payment_intent text COLLATE "C",
    checkout_session text COLLATE "C",
    charge text COLLATE "C",
    customer text COLLATE "C",
    receipt_number text COLLATE "C",
    receipt_url text,
    failure_code text COLLATE "C",
    failure_message text,
    paid_at timestamptz,
    fee_cents bigint,
    fee_currency text COLLATE "C",
    tax_cents bigint NOT NULL DEFAULT 0,
    discount_cents bigint NOT NULL DEFAULT 0,
    charged_cents bigint NOT NULL GENERATED ALWAYS AS (amount_cents + tax_cents - discount_cents) STORED,
    revenue_cents bigint NOT NULL GENERATED ALWAYS AS (amount_cents - discount_cents) STORED,
    refunded_cents bigint NOT NULL DEFAULT 0,
    refunded_at timestamptz,
    dispute_status text COLLATE "C",
    disputed_at timestamptz,
    synced_at timestamptz,
    -- What that did to the minutes.
    lot_id bigint,
    taken_back_minutes bigint NOT NULL DEFAULT 0,
    shortfall_minutes bigint NOT NULL DEFAULT 0,
    bookings integer NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, purchase_id),
    CONSTRAINT purchases_key_once UNIQUE (workspace_id, key),
    CONSTRAINT purchases_payment_intent_once UNIQUE (workspace_id, payment_intent),
    CONSTRAINT purchases_checkout_session_once UNIQUE (workspace_id, checkout_session),
    CONSTRAINT purchases_package FOREIGN KEY (package, package_version, package_arm)
        REFERENCES extra_minutes_packages (code, version, arm),
    CONSTRAINT purchases_refunded_at_most_paid CHECK (refunded_cents BETWEEN 0 AND charged_cents),
    CONSTRAINT purchases_tax_not_negative CHECK (tax_cents >= 0),
    CONSTRAINT purchases_discount_at_most_price CHECK (discount_cents BETWEEN 0 AND amount_cents),
    CONSTRAINT purchases_taken_at_most_bought CHECK (
        taken_back_minutes >= 0 AND shortfall_minutes >= 0 AND taken_back_minutes + shortfall_minutes <= minutes),
    CONSTRAINT purchases_taken_from_a_lot CHECK (lot_id IS NOT NULL OR taken_back_minutes = 0),
    CONSTRAINT purchases_lot_was_paid CHECK (lot_id IS NULL OR paid_at IS NOT NULL),
    CONSTRAINT purchases_paid_has_time CHECK (
        paid_at IS NOT NULL OR status NOT IN ('paid', 'partially_refunded', 'refunded', 'disputed')),
    CONSTRAINT purchases_failure_has_words CHECK (
        status NOT IN ('failed', 'quarantined') OR (failure_code IS NOT NULL AND btrim(failure_message) <> ''))
);
CREATE INDEX purchases_paid ON extra_minutes_purchases (paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX purchases_unanswered ON extra_minutes_purchases (attempted_at) WHERE status = 'requires_action';
CREATE INDEX purchases_created ON extra_minutes_purchases (created_at);

-- What a workspace bought after its limit hit, or before, or again, is one step in this index.

CREATE INDEX purchases_paid_of_workspace ON extra_minutes_purchases (workspace_id, paid_at, purchase_id) WHERE paid_at IS NOT NULL;
COMMENT ON COLUMN extra_minutes_purchases.body IS 'What the key stands for: the same key with another body is refused.';
COMMENT ON COLUMN extra_minutes_purchases.attempt_key IS 'Key of the retry that began this attempt; null on the first.';
COMMENT ON COLUMN extra_minutes_purchases.fee_cents IS 'Processing fee; null while Stripe has not booked it.';
COMMENT ON COLUMN extra_minutes_purchases.tax_cents IS 'Tax that Stripe''s page added to the price.';
COMMENT ON COLUMN extra_minutes_purchases.discount_cents IS 'What a promotion code took off the price, before tax.';
COMMENT ON COLUMN extra_minutes_purchases.charged_cents IS 'What the customer pays: price - discount + tax. Refunds are a part of it.';
COMMENT ON COLUMN extra_minutes_purchases.revenue_cents IS 'What we earn: price - discount, without tax.';
COMMENT ON COLUMN extra_minutes_purchases.refunded_cents IS 'Cumulative refunds that succeeded or are pending.';
COMMENT ON COLUMN extra_minutes_purchases.lot_id IS 'The minutes of this purchase; null until they are credited.';
COMMENT ON COLUMN extra_minutes_purchases.taken_back_minutes IS 'Taken out of its lot for refunds and disputes, less what was given back.';
COMMENT ON COLUMN extra_minutes_purchases.shortfall_minutes IS 'Minutes that should have been taken back but were used already.';
COMMENT ON COLUMN extra_minutes_purchases.bookings IS 'How often minutes were taken back or restored: numbers the keys of those entries.';

-- One row for each refund Stripe knows, made here or there.
CREATE TABLE refunds (
    workspace_id text COLLATE "C" NOT NULL,
    refund_id text COLLATE "C" NOT NULL,
    purchase_id uuid NOT NULL,
    amount_cents bigint NOT NULL CONSTRAINT refunds_amount_positive CHECK (amount_cents > 0),
    currency text COLLATE "C" NOT NULL CONSTRAINT refunds_currency_shape CHECK (currency ~ '^[a-z]{3}$'),
    status text COLLATE "C" NOT NULL
        CONSTRAINT refunds_status CHECK (status IN ('pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
    reason text,
    failure_reason text,
    refunded_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, refund_id),
    CONSTRAINT refunds_purchase FOREIGN KEY (workspace_id, purchase_id)
        REFERENCES extra_minutes_purchases (workspace_id, purchase_id)
);
CREATE INDEX refunds_of_purchase ON refunds (workspace_id, purchase_id);
CREATE INDEX refunds_refunded ON refunds (refunded_at);

-- A refund that staff requested: stored, and its minutes taken out of the lot, before Stripe is called.
CREATE TABLE refund_requests (
    workspace_id text COLLATE "C" NOT NULL,
    purchase_id uuid NOT NULL,
    refund_no integer NOT NULL CONSTRAINT refund_requests_numbered_from_one CHECK (refund_no > 0),
    key text COLLATE "C" NOT NULL CONSTRAINT refund_requests_key_length CHECK (length(key) BETWEEN 1 AND 255),
    amount_cents bigint NOT NULL CONSTRAINT refund_requests_amount_positive CHECK (amount_cents > 0),
    held_minutes bigint NOT NULL CONSTRAINT refund_requests_held_not_negative CHECK (held_minutes >= 0),
    status text COLLATE "C" NOT NULL DEFAULT 'requested'
        CONSTRAINT refund_requests_status CHECK (status IN ('requested', 'made', 'refused')),
    refund_id text COLLATE "C",
    error text,
    actor text COLLATE "C" NOT NULL,
    reason text NOT NULL CONSTRAINT refund_requests_reason_not_blank CHECK (btrim(reason) <> ''),
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, purchase_id, refund_no),
    CONSTRAINT refund_requests_key_once UNIQUE (workspace_id, key),
    CONSTRAINT refund_requests_purchase FOREIGN KEY (workspace_id, purchase_id)
        REFERENCES extra_minutes_purchases (workspace_id, purchase_id)
);
CREATE INDEX refund_requests_open ON refund_requests (at) WHERE status = 'requested';

CREATE TABLE disputes (
    workspace_id text COLLATE "C" NOT NULL,
    dispute_id text COLLATE "C" NOT NULL,
    purchase_id uuid NOT NULL,
    amount_cents bigint NOT NULL CONSTRAINT disputes_amount_not_negative CHECK (amount_cents >= 0),
    currency text COLLATE "C" NOT NULL CONSTRAINT disputes_currency_shape CHECK (currency ~ '^[a-z]{3}$'),
    status text COLLATE "C" NOT NULL,
    takes_minutes boolean GENERATED ALWAYS AS (
        status NOT LIKE 'warning\_%' AND status NOT IN ('won', 'prevented')) STORED,
    reason text,
    fee_cents bigint,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, dispute_id),
    CONSTRAINT disputes_purchase FOREIGN KEY (workspace_id, purchase_id)
        REFERENCES extra_minutes_purchases (workspace_id, purchase_id)
);
CREATE INDEX disputes_of_purchase ON disputes (workspace_id, purchase_id);
CREATE INDEX disputes_opened ON disputes (opened_at);
COMMENT ON COLUMN disputes.takes_minutes IS 'False for inquiries (no money moved) and for disputes that were won.';
COMMENT ON COLUMN disputes.closed_at IS 'When we first read it as won, lost or prevented.';

-- Whose an id of Stripe is: events and support start from the id, not from the workspace.
CREATE TABLE payment_objects (
    object_id text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL CONSTRAINT payment_objects_kind CHECK (kind IN (
        'purchase', 'payment_intent', 'charge', 'checkout_session', 'customer', 'subscription', 'invoice', 'refund',
        'dispute', 'receipt')),
    workspace_id text COLLATE "C" NOT NULL,
    purchase_id uuid,
    linked_by text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX payment_objects_workspace ON payment_objects (workspace_id);
COMMENT ON COLUMN payment_objects.linked_by IS 'Who linked it by hand; null where an event or a purchase named it.';

-- A subscription as of the last read from Stripe; the subscriptions of the ledger are in `subscriptions`.
CREATE TABLE stripe_subscriptions (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    subscription_id text COLLATE "C" NOT NULL,
    customer text COLLATE "C",
    price_id text COLLATE "C",
    plan text COLLATE "C" REFERENCES plans,
    billing_cycle text,
    status text COLLATE "C" NOT NULL,
    cancel_at_period_end boolean NOT NULL DEFAULT false,
    cancel_at timestamptz,
    paused boolean NOT NULL DEFAULT false,
    current_period_end timestamptz,
    ended_at timestamptz,
    paid_plan text COLLATE "C",
    paid_cycle text,
    paid_minutes bigint,
    paid_from timestamptz,
    paid_until timestamptz,
    renewal_attempt_at timestamptz,
    synced_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, subscription_id)
);
COMMENT ON COLUMN stripe_subscriptions.paid_plan IS 'The plan of the newest period that was paid for; with cycle, minutes of a whole period, and its ends.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('extra_minutes_purchases', 'workspace', 'workspace_id'),
    ('refunds', 'workspace', 'workspace_id'),
    ('refund_requests', 'workspace', 'workspace_id'),
    ('disputes', 'workspace', 'workspace_id'),
    ('payment_objects', 'own-key', 'object_id'),
    ('stripe_subscriptions', 'workspace', 'workspace_id');

-- grants
-- A purchase keeps its price, minutes and owner: only what Stripe says about it and what that did to the minutes may change.
GRANT SELECT, INSERT ON extra_minutes_purchases TO ledger_app;
GRANT UPDATE (status, attempt, attempt_key, attempted_at, payment_intent, checkout_session, charge, customer, receipt_number,
              receipt_url, failure_code, failure_message, paid_at, fee_cents, fee_currency, tax_cents, discount_cents,
              refunded_cents, refunded_at, dispute_status, disputed_at, synced_at, lot_id, taken_back_minutes, shortfall_minutes, bookings)
    ON extra_minutes_purchases TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON refunds, refund_requests, disputes, stripe_subscriptions TO ledger_app;
GRANT SELECT, INSERT ON payment_objects TO ledger_app;
