-- What a customer can do without us: buy on their own page, and let a package be bought when minutes run low.

CREATE TABLE auto_top_ups (
    workspace_id text COLLATE "C" PRIMARY KEY REFERENCES workspaces,
    package text COLLATE "C" NOT NULL,
    trigger smallint NOT NULL CONSTRAINT auto_top_ups_trigger CHECK (trigger IN (80, 90, 100)),
    monthly_limit_cents bigint NOT NULL CONSTRAINT auto_top_ups_limit_positive CHECK (monthly_limit_cents > 0),
    enabled boolean NOT NULL,
    declines smallint NOT NULL DEFAULT 0 CONSTRAINT auto_top_ups_declines_not_negative CHECK (declines >= 0),
    paused_reason text CONSTRAINT auto_top_ups_reason_not_blank CHECK (btrim(paused_reason) <> ''),
    changed_at timestamptz NOT NULL,
    changed_by text COLLATE "C" NOT NULL
);
COMMENT ON TABLE auto_top_ups IS 'One row a workspace: what is bought by itself, when, and up to how much a month.';
COMMENT ON COLUMN auto_top_ups.trigger IS 'Percent used at which a package is bought; a limit hit buys at every trigger.';
COMMENT ON COLUMN auto_top_ups.monthly_limit_cents IS 'Most that may be charged in a calendar month, UTC.';
COMMENT ON COLUMN auto_top_ups.declines IS 'Declined charges in a row; at three the top-up pauses.';
COMMENT ON COLUMN auto_top_ups.paused_reason IS 'Why nothing is bought until somebody changes the settings; null while it works.';

-- At most one top-up an epoch: the credit of a top-up opens the next one.
CREATE TABLE top_ups (
    workspace_id text COLLATE "C" NOT NULL REFERENCES auto_top_ups,
    epoch bigint NOT NULL,
    purchase_id uuid,
    outcome text COLLATE "C" NOT NULL DEFAULT 'started' CONSTRAINT top_ups_outcome CHECK (
        outcome IN ('started', 'paid', 'needs_confirmation', 'declined', 'over_limit', 'no_card', 'not_on_sale')),
    detail text,
    at timestamptz NOT NULL,
    next_attempt_at timestamptz,
    mailed_at timestamptz,
    PRIMARY KEY (workspace_id, epoch),
    CONSTRAINT top_ups_purchase FOREIGN KEY (workspace_id, purchase_id)
        REFERENCES extra_minutes_purchases (workspace_id, purchase_id),
    CONSTRAINT top_ups_bought_something CHECK (
        purchase_id IS NOT NULL OR outcome IN ('over_limit', 'no_card', 'not_on_sale'))
);
CREATE INDEX top_ups_latest ON top_ups (at);
CREATE INDEX top_ups_to_mail ON top_ups (at) WHERE outcome = 'needs_confirmation' AND mailed_at IS NULL;
CREATE INDEX top_ups_open ON top_ups (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
COMMENT ON TABLE top_ups IS 'What came of each trigger: a purchase, or the reason why none was made.';
COMMENT ON COLUMN top_ups.next_attempt_at IS 'When the charge is checked or tried again; null once it is settled.';
COMMENT ON COLUMN top_ups.mailed_at IS 'When the e-mail went out with which the customer confirms the payment.';

-- The customer's own page: who holds an address of it sees one workspace, for a short time.
CREATE TABLE portal_links (
    token_sha256 text COLLATE "C" PRIMARY KEY,
    workspace_id text COLLATE "C" NOT NULL,
    return_url text,
    read_only boolean NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CONSTRAINT portal_links_end_after_start CHECK (expires_at > created_at)
);
CREATE INDEX portal_links_expired ON portal_links (expires_at);
COMMENT ON TABLE portal_links IS 'Short-lived addresses of the customer page; only a hash of each token is stored.';
COMMENT ON COLUMN portal_links.read_only IS 'A preview for staff: everything is shown and nothing can be bought.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('auto_top_ups', 'workspace', 'workspace_id'),
    ('top_ups', 'workspace', 'workspace_id'),
    ('portal_links', 'own-key', 'token_sha256');

-- grants
GRANT SELECT, INSERT, UPDATE ON auto_top_ups, top_ups TO ledger_app;
GRANT SELECT, INSERT, DELETE ON portal_links TO ledger_app;
