-- Auto top-up: a package is bought by itself when a workspace runs low, up to a ceiling a month.

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
    PRIMARY KEY (workspace_id, epoch),
    CONSTRAINT top_ups_purchase FOREIGN KEY (workspace_id, purchase_id)
        REFERENCES extra_minutes_purchases (workspace_id, purchase_id),
    CONSTRAINT top_ups_bought_something CHECK (
        purchase_id IS NOT NULL OR outcome IN ('over_limit', 'no_card', 'not_on_sale'))
);
CREATE INDEX top_ups_open ON top_ups (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
COMMENT ON TABLE top_ups IS 'What came of each trigger: a purchase, or the reason why none was made.';
COMMENT ON COLUMN top_ups.next_attempt_at IS 'When the charge is looked at or tried again; null once it is settled.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('auto_top_ups', 'workspace', 'workspace_id'),
    ('top_ups', 'workspace', 'workspace_id');

-- grants
GRANT SELECT, INSERT, UPDATE ON auto_top_ups, top_ups TO ledger_app;
