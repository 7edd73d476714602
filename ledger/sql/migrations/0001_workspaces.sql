-- Plans, workspaces and the subscriptions that connect them.
-- Every table of kind `workspace` leads its keys with workspace_id, so that one workspace always fits one shard.

CREATE TABLE table_kinds (
    table_name text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('workspace', 'reference', 'own-key', 'local')),
    key_column text NOT NULL
);
COMMENT ON TABLE table_kinds IS 'How each table spreads over machines: by workspace, copied everywhere, by a key of its own, or not at all.';

CREATE TABLE plans (
    plan text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    minutes bigint NOT NULL CONSTRAINT plans_minutes_range CHECK (minutes BETWEEN 1 AND 1000000)
);
COMMENT ON COLUMN plans.minutes IS 'Minutes of one month; an annual allocation gives twelve times as many at once.';
INSERT INTO plans (plan, name, minutes) VALUES ('starter', 'Starter', 200), ('pro', 'Pro', 300);

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE workspaces (
    workspace_id text COLLATE "C" PRIMARY KEY
        CONSTRAINT workspaces_id_shape CHECK (workspace_id ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$'),
    name text NOT NULL CONSTRAINT workspaces_name_length CHECK (length(name) BETWEEN 1 AND 200),
    owner_email text NOT NULL CONSTRAINT workspaces_email_length CHECK (length(owner_email) BETWEEN 3 AND 320),
    source text NOT NULL CONSTRAINT workspaces_source CHECK (source IN ('live', 'stripe_test', 'sandbox', 'demo')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Search: by beginning, by part, and by what somebody misspelt.
CREATE INDEX workspaces_by_name ON workspaces ((lower(name) COLLATE "C"), workspace_id);
CREATE INDEX workspaces_by_email ON workspaces ((lower(owner_email) COLLATE "C"), workspace_id);
CREATE INDEX workspaces_by_name_part ON workspaces USING gin (lower(name) gin_trgm_ops);
CREATE INDEX workspaces_by_id_part ON workspaces USING gin (lower(workspace_id) gin_trgm_ops);
CREATE INDEX workspaces_by_email_part ON workspaces USING gin (lower(owner_email) gin_trgm_ops);
CREATE INDEX workspaces_of_source ON workspaces (source, workspace_id);
COMMENT ON COLUMN workspaces.source IS 'The mode of the installation when the workspace was made; everything of the workspace inherits it.';

-- One period of one plan and billing cycle; ended_at is null while it runs.
CREATE TABLE subscriptions (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    subscription_no bigint NOT NULL,
    plan text COLLATE "C" NOT NULL REFERENCES plans,
    billing_cycle text NOT NULL CONSTRAINT subscriptions_cycle CHECK (billing_cycle IN ('monthly', 'annual')),
    managed_by text NOT NULL CONSTRAINT subscriptions_managed_by CHECK (managed_by IN ('ledger', 'stripe')),
    started_at timestamptz NOT NULL,
    ended_at timestamptz CONSTRAINT subscriptions_end_after_start CHECK (ended_at >= started_at),
    paid_from timestamptz,
    allocation_minutes bigint,
    reset_date timestamptz,
    PRIMARY KEY (workspace_id, subscription_no)
);
COMMENT ON COLUMN subscriptions.paid_from IS 'Of a plan that Stripe bills: when the newest paid period began; null without a paid invoice.';
COMMENT ON COLUMN subscriptions.allocation_minutes IS 'Of a plan that Stripe bills: minutes of one whole period, which minutes_total shows.';
COMMENT ON COLUMN subscriptions.reset_date IS 'Of a plan that Stripe bills: the end of its paid period; null for annual plans.';

-- What is known of a workspace beside its plan: seats, country, channel. Every key is a dimension of every metric.
CREATE TABLE workspace_attributes (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    key text COLLATE "C" NOT NULL CONSTRAINT workspace_attributes_key_shape CHECK (key ~ '^[a-z][a-z0-9_]{0,39}$'),
    value text COLLATE "C" NOT NULL CONSTRAINT workspace_attributes_value_length CHECK (length(value) BETWEEN 1 AND 200),
    segment text COLLATE "C" NOT NULL CONSTRAINT workspace_attributes_segment_length CHECK (length(segment) BETWEEN 1 AND 200),
    is_number boolean NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, key)
);
CREATE INDEX workspace_attributes_of_key ON workspace_attributes (key, segment, workspace_id);
CREATE INDEX workspace_attributes_of_value ON workspace_attributes ((lower(value COLLATE "default") COLLATE "C"));
COMMENT ON COLUMN workspace_attributes.segment IS 'What the workspace counts under: the text itself, or the band of a number.';
COMMENT ON COLUMN workspace_attributes.is_number IS 'Whether the value was given as a number; it is shown and exported as one.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('table_kinds', 'local', 'table_name'),
    ('schema_migrations', 'local', 'version'),
    ('plans', 'reference', 'plan'),
    ('workspaces', 'workspace', 'workspace_id'),
    ('subscriptions', 'workspace', 'workspace_id'),
    ('workspace_attributes', 'workspace', 'workspace_id');

-- grants
GRANT SELECT ON table_kinds, schema_migrations, plans TO ledger_app;
GRANT SELECT, INSERT (workspace_id, name, owner_email, source, created_by, created_at), UPDATE (name, owner_email) ON workspaces TO ledger_app;
GRANT SELECT, INSERT, UPDATE (ended_at, paid_from, allocation_minutes, reset_date) ON subscriptions TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON workspace_attributes TO ledger_app;
