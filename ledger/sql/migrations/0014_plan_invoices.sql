-- Every paid invoice of a plan with what came of it: lots, nothing with a reason, or an alert.

CREATE TABLE stripe_invoices (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    invoice_id text COLLATE "C" NOT NULL,
    subscription_id text COLLATE "C" NOT NULL,
    payment_intent text COLLATE "C",
    billing_reason text,
    currency text COLLATE "C" NOT NULL,
    amount_paid_cents bigint NOT NULL,
    paid_at timestamptz NOT NULL,
    outcome text NOT NULL CONSTRAINT stripe_invoices_outcome CHECK (outcome IN ('lots', 'nothing', 'alert')),
    because text CONSTRAINT stripe_invoices_reason CHECK (because IS NOT NULL OR outcome = 'lots'),
    minutes bigint NOT NULL DEFAULT 0,
    settled_minutes bigint NOT NULL DEFAULT 0,
    refunded_cents bigint NOT NULL DEFAULT 0,
    disputed boolean NOT NULL DEFAULT false,
    taken_back_minutes bigint NOT NULL DEFAULT 0,
    shortfall_minutes bigint NOT NULL DEFAULT 0,
    bookings integer NOT NULL DEFAULT 0,
    synced_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, invoice_id),
    CONSTRAINT stripe_invoices_never_negative CHECK (least(minutes, settled_minutes, refunded_cents, taken_back_minutes, shortfall_minutes) >= 0)
);
CREATE INDEX stripe_invoices_payment ON stripe_invoices (payment_intent) WHERE payment_intent IS NOT NULL;
CREATE INDEX stripe_invoices_paid ON stripe_invoices (paid_at);
CREATE INDEX stripe_invoices_outcomes ON stripe_invoices (outcome) WHERE outcome <> 'lots';
COMMENT ON COLUMN stripe_invoices.because IS 'Why it gives nothing or less, or what a person must do.';
COMMENT ON COLUMN stripe_invoices.minutes IS 'Credited by its lines, before anything was taken back.';
COMMENT ON COLUMN stripe_invoices.settled_minutes IS 'Of its minutes, what settled used minutes whose money an earlier plan change returned.';
COMMENT ON COLUMN stripe_invoices.taken_back_minutes IS 'Taken back because the payment was refunded or disputed.';

CREATE TABLE stripe_invoice_lines (
    workspace_id text COLLATE "C" NOT NULL,
    invoice_id text COLLATE "C" NOT NULL,
    line_no integer NOT NULL,
    subscription_id text COLLATE "C" NOT NULL,
    price_id text COLLATE "C",
    plan text COLLATE "C",
    quantity bigint NOT NULL,
    proration boolean NOT NULL,
    trial boolean NOT NULL,
    amount_cents bigint NOT NULL,
    period_start timestamptz,
    period_end timestamptz,
    minutes bigint NOT NULL,
    arithmetic text NOT NULL,
    lot_id bigint,
    moved_minutes bigint NOT NULL DEFAULT 0,
    shortfall_minutes bigint NOT NULL DEFAULT 0,
    refunded_minutes bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, invoice_id, line_no),
    FOREIGN KEY (workspace_id, invoice_id) REFERENCES stripe_invoices
);
COMMENT ON COLUMN stripe_invoice_lines.minutes IS 'By the arithmetic: more than 0 is credited, less than 0 is taken back.';
COMMENT ON COLUMN stripe_invoice_lines.moved_minutes IS 'Credited to the lot, or taken back from lots of its plan period.';
COMMENT ON COLUMN stripe_invoice_lines.shortfall_minutes IS 'Of minutes to return: what the lots did not hold; of one that credits, less than 0: what settled earlier shortfalls of the workspace.';
COMMENT ON COLUMN stripe_invoice_lines.refunded_minutes IS 'Taken from the lot of this line because the payment was refunded or disputed.';

CREATE TABLE stripe_links (
    workspace_id text COLLATE "C" PRIMARY KEY REFERENCES workspaces,
    starts_at timestamptz NOT NULL,
    chosen_by text NOT NULL,
    chosen_at timestamptz NOT NULL
);
COMMENT ON TABLE stripe_links IS 'From when on paid periods give minutes, where a person has chosen it.';

-- Moving in on trial: what the old system says, and how each day's comparison with Stripe and with it ended.
CREATE TABLE old_balances (
    workspace_id text COLLATE "C" PRIMARY KEY,
    minutes bigint NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL
);
CREATE TABLE move_in_comparisons (
    comparison_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    compared_at timestamptz NOT NULL,
    actor text NOT NULL,
    equal integer NOT NULL,
    open integer NOT NULL,
    unexplained_minutes bigint NOT NULL,
    unexplained_cents bigint NOT NULL,
    differences jsonb NOT NULL,
    went_live_by text
);
CREATE INDEX move_in_comparisons_at ON move_in_comparisons (source, compared_at);
COMMENT ON COLUMN move_in_comparisons.open IS 'Differences with a named cause that somebody can end: a link, a mapping, a sync.';
COMMENT ON COLUMN move_in_comparisons.went_live_by IS 'Who went live on this comparison; only one without differences can be.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('stripe_invoices', 'workspace', 'workspace_id'),
    ('stripe_invoice_lines', 'workspace', 'workspace_id'),
    ('stripe_links', 'workspace', 'workspace_id'),
    ('old_balances', 'workspace', 'workspace_id'),
    ('move_in_comparisons', 'local', 'comparison_id');

-- grants
GRANT SELECT, INSERT, UPDATE ON stripe_invoices, stripe_invoice_lines, stripe_links, old_balances TO ledger_app;
GRANT SELECT, INSERT, UPDATE (went_live_by) ON move_in_comparisons TO ledger_app;
