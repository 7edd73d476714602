-- The ledger: plans, workspaces, lots of minutes, the chained statement of each workspace, and what it crossed.
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
    minutes bigint NOT NULL CONSTRAINT plans_minutes_positive CHECK (minutes > 0)
);
COMMENT ON COLUMN plans.minutes IS 'Minutes of one month; an annual allocation gives twelve times as many at once.';

INSERT INTO plans (plan, name, minutes) VALUES ('starter', 'Starter', 200), ('pro', 'Pro', 300);

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
COMMENT ON COLUMN workspaces.source IS 'The mode of the installation when the workspace was made; everything of the workspace inherits it.';

-- A spell of one plan and billing cycle; ended_at is null while it runs.
CREATE TABLE subscriptions (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    subscription_no bigint NOT NULL,
    plan text COLLATE "C" NOT NULL REFERENCES plans,
    billing_cycle text NOT NULL CONSTRAINT subscriptions_cycle CHECK (billing_cycle IN ('monthly', 'annual')),
    managed_by text NOT NULL CONSTRAINT subscriptions_managed_by CHECK (managed_by IN ('ledger', 'stripe')),
    started_at timestamptz NOT NULL,
    ended_at timestamptz CONSTRAINT subscriptions_end_after_start CHECK (ended_at >= started_at),
    PRIMARY KEY (workspace_id, subscription_no)
);

-- Types, not CHECKs over lists of words: the hot tables are checked on every use, and a type costs nothing there.
CREATE TYPE lot_kind AS ENUM ('plan', 'purchase', 'grant');
-- From 'grant' on, a person or a payment took a decision: these need a reason.
CREATE TYPE entry_kind AS ENUM ('use', 'allocation', 'reset', 'purchase', 'restore', 'grant', 'void', 'refund', 'dispute');
CREATE TYPE use_take AS ENUM ('partial', 'full', 'refused', 'extra');

CREATE TABLE lots (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    lot_id bigint NOT NULL,
    minutes bigint NOT NULL,
    drawn bigint NOT NULL DEFAULT 0,
    voided bigint NOT NULL DEFAULT 0,
    remaining bigint GENERATED ALWAYS AS (minutes - drawn - voided) STORED,
    open boolean GENERATED ALWAYS AS (minutes - drawn - voided > 0) STORED,
    turn bigint NOT NULL,
    entry_no bigint NOT NULL,
    acquired_at timestamptz NOT NULL,
    period_start timestamptz,
    reset_date timestamptz,
    expires_at timestamptz,
    purchase_id uuid,
    kind lot_kind NOT NULL,
    PRIMARY KEY (workspace_id, lot_id),
    CONSTRAINT lots_never_overdrawn CHECK (least(remaining, drawn, voided) >= 0),
    CONSTRAINT lots_one_per_purchase UNIQUE (workspace_id, purchase_id)
) WITH (fillfactor = 70);
-- `open` changes only when a lot empties, so ordinary draws stay heap-only updates.
CREATE INDEX lots_open ON lots (workspace_id, turn, lot_id) WHERE open;
CREATE UNIQUE INDEX lots_one_reset_per_period ON lots (workspace_id, period_start) WHERE period_start IS NOT NULL;
COMMENT ON COLUMN lots.turn IS 'Place in the order of use, from lot_turn(); ties are broken by lot_id.';
COMMENT ON COLUMN lots.entry_no IS 'The entry that credited this lot.';
COMMENT ON COLUMN lots.period_start IS 'Set on resets only: the period this lot pays for.';
COMMENT ON COLUMN lots.reset_date IS 'On plan lots: when the next allocation is due after this one; null for annual plans.';

-- The statement of a workspace: every change, numbered without gaps, each continuing the one before it.
CREATE TABLE entries (
    entry_no bigint NOT NULL,
    plan_delta bigint NOT NULL,
    plan_after bigint NOT NULL,
    extra_delta bigint NOT NULL,
    extra_after bigint NOT NULL,
    minutes bigint NOT NULL,
    unmet_minutes bigint NOT NULL DEFAULT 0,
    used_after bigint NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    latest_at timestamptz NOT NULL,
    epoch bigint NOT NULL,
    top bigint NOT NULL,
    lot_id bigint,
    duration_seconds bigint,
    previous_no bigint GENERATED ALWAYS AS (nullif(entry_no - 1, 0)) STORED,
    plan_before bigint GENERATED ALWAYS AS (plan_after - plan_delta) STORED,
    extra_before bigint GENERATED ALWAYS AS (extra_after - extra_delta) STORED,
    workspace_id text COLLATE "C" NOT NULL,
    kind entry_kind NOT NULL,
    key varchar(255) COLLATE "C" NOT NULL CONSTRAINT entries_key_not_empty CHECK (key <> ''),
    take use_take,
    actor text COLLATE "C" NOT NULL,
    thresholds smallint[],
    reason text,
    reference text,
    CONSTRAINT entries_never_negative CHECK (least(plan_after, extra_after, unmet_minutes) >= 0),
    CONSTRAINT entries_add_up CHECK (minutes = unmet_minutes + abs(plan_delta + extra_delta)),
    CONSTRAINT entries_use_only_draws CHECK (CASE WHEN take IS NULL THEN lot_id IS NOT NULL ELSE greatest(plan_delta, extra_delta) <= 0 END),
    CONSTRAINT entries_use_has_take CHECK ((kind = 'use') = (take IS NOT NULL)),
    CONSTRAINT entries_decision_has_reason CHECK (kind < 'grant' OR coalesce(btrim(reason), '') <> ''),
    CONSTRAINT entries_first_starts_at_zero CHECK (previous_no IS NOT NULL OR (plan_before = 0 AND extra_before = 0)),
    PRIMARY KEY (workspace_id, entry_no),
    CONSTRAINT entries_key_once UNIQUE (workspace_id, kind, key),
    CONSTRAINT entries_state UNIQUE (workspace_id, entry_no, plan_after, extra_after),
    CONSTRAINT entries_continue_the_previous FOREIGN KEY (workspace_id, previous_no, plan_before, extra_before)
        REFERENCES entries (workspace_id, entry_no, plan_after, extra_after),
    CONSTRAINT entries_lot_of_same_workspace FOREIGN KEY (workspace_id, lot_id) REFERENCES lots (workspace_id, lot_id)
);
CREATE INDEX entries_late ON entries (workspace_id, at) WHERE at < latest_at;
COMMENT ON COLUMN entries.at IS 'Business time: when it happened.';
COMMENT ON COLUMN entries.recorded_at IS 'Booking time: when we wrote it down; never runs backwards within a workspace.';
COMMENT ON COLUMN entries.latest_at IS 'Running maximum of `at`, so that a balance as of any time is found by binary search.';
COMMENT ON COLUMN entries.used_after IS 'All minutes ever consumed, after this entry.';
COMMENT ON COLUMN entries.top IS 'Balance right after the last credit (less what was voided since): the 0 % mark of the gauge.';
COMMENT ON COLUMN entries.take IS 'What a use asked for: what is there (partial), all or nothing (full), extra minutes only (extra); refused = an all or nothing use that was not covered.';

-- One locked row for each workspace. Its balance is that of its last entry, by foreign key.
CREATE TABLE workspace_minutes (
    minutes_total bigint NOT NULL DEFAULT 0,
    minutes_used bigint NOT NULL DEFAULT 0,
    minutes_remaining bigint NOT NULL DEFAULT 0,
    extra_minutes_remaining bigint NOT NULL DEFAULT 0,
    minutes_reset_date timestamptz,
    anchor_at timestamptz,
    entry_no bigint NOT NULL DEFAULT 0,
    last_entry_no bigint GENERATED ALWAYS AS (nullif(entry_no, 0)) STORED,
    latest_at timestamptz NOT NULL DEFAULT '-infinity',
    recorded_at timestamptz NOT NULL DEFAULT '-infinity',
    epoch bigint NOT NULL DEFAULT 0,
    top bigint NOT NULL DEFAULT 0,
    lot_count bigint NOT NULL DEFAULT 0,
    subscription_no bigint,
    warned smallint NOT NULL DEFAULT 0,
    plan_exhausted boolean NOT NULL DEFAULT false,
    limit_hit boolean NOT NULL DEFAULT false,
    -- No foreign keys but the chain: PostgreSQL checks them all again on a row that its transaction has written before,
    -- and a batch writes each row twice (to lock it, and to move it on). The plan is that of its subscription.
    workspace_id text COLLATE "C" PRIMARY KEY,
    plan text COLLATE "C",
    billing_cycle text,
    managed_by text,
    CONSTRAINT workspace_minutes_never_negative CHECK (least(minutes_remaining, extra_minutes_remaining) >= 0),
    CONSTRAINT workspace_minutes_empty_is_zero CHECK (last_entry_no IS NOT NULL OR top = 0),
    CONSTRAINT workspace_minutes_top_covers_balance CHECK (top >= minutes_remaining + extra_minutes_remaining),
    CONSTRAINT workspace_minutes_is_last_entry FOREIGN KEY (workspace_id, last_entry_no, minutes_remaining, extra_minutes_remaining)
        REFERENCES entries (workspace_id, entry_no, plan_after, extra_after)
) WITH (fillfactor = 50);
CREATE INDEX workspace_minutes_due ON workspace_minutes (minutes_reset_date) WHERE managed_by = 'ledger';
COMMENT ON COLUMN workspace_minutes.minutes_total IS 'The current plan allocation: 200, or 2,400 for an annual plan.';
COMMENT ON COLUMN workspace_minutes.minutes_remaining IS 'Plan minutes available.';
COMMENT ON COLUMN workspace_minutes.anchor_at IS 'Billing anchor: day and time of the last allocation; resets fall on it, month by month.';
COMMENT ON COLUMN workspace_minutes.warned IS 'Highest threshold fired in this epoch.';

-- Which use took how much from which lot.
CREATE TABLE draws (
    entry_no bigint NOT NULL,
    lot_id bigint NOT NULL,
    minutes bigint NOT NULL CONSTRAINT draws_minutes_positive CHECK (minutes > 0),
    workspace_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace_id, entry_no, lot_id),
    CONSTRAINT draws_entry_of_same_workspace FOREIGN KEY (workspace_id, entry_no) REFERENCES entries (workspace_id, entry_no),
    CONSTRAINT draws_lot_of_same_workspace FOREIGN KEY (workspace_id, lot_id) REFERENCES lots (workspace_id, lot_id)
);

-- What a workspace crossed, once for each epoch: the fact that metrics count and the outbox of warnings in one row.
CREATE TABLE crossings (
    workspace_id text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    kind text COLLATE "C" NOT NULL
        CONSTRAINT crossings_kind CHECK (kind IN ('used_80', 'used_90', 'used_100', 'plan_exhausted', 'limit_hit')),
    entry_no bigint NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    unmet_minutes bigint NOT NULL DEFAULT 0,
    delivery text NOT NULL DEFAULT 'pending'
        CONSTRAINT crossings_delivery CHECK (delivery IN ('pending', 'delivered', 'dead', 'off')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    delivered_at timestamptz,
    last_error text,
    PRIMARY KEY (workspace_id, epoch, kind),
    CONSTRAINT crossings_entry_of_same_workspace FOREIGN KEY (workspace_id, entry_no) REFERENCES entries (workspace_id, entry_no)
);
CREATE INDEX crossings_undelivered ON crossings (next_attempt_at) WHERE delivery = 'pending';
CREATE INDEX crossings_limit_hits ON crossings (at) WHERE kind = 'limit_hit';

-- The idempotency mark of every write that is not a use (a use is its own mark).
CREATE TABLE writes (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    operation text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL CONSTRAINT writes_key_length CHECK (length(key) BETWEEN 1 AND 255),
    body jsonb NOT NULL,
    entry_no bigint NOT NULL,
    lot_id bigint,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, operation, key)
);
COMMENT ON COLUMN writes.entry_no IS 'Last entry of the workspace after this write: the first answer is the state as of it.';

-- Uses of one batch while record_uses works on them; empty outside a transaction.
CREATE UNLOGGED TABLE use_batches (
    batch bigint NOT NULL,
    n bigint NOT NULL,
    minutes bigint NOT NULL,
    at timestamptz NOT NULL,
    duration_seconds bigint,
    booked_no bigint,
    ordinal bigint NOT NULL,
    demand bigint NOT NULL,
    latest_at timestamptz NOT NULL,
    repeated boolean NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace_id, batch, n)
);
CREATE INDEX use_batches_batch ON use_batches (batch);
COMMENT ON COLUMN use_batches.booked_no IS 'The entry of this key, once it has one.';
COMMENT ON COLUMN use_batches.ordinal IS 'Place among the new uses of its workspace: 1, 2, 3 ...';
COMMENT ON COLUMN use_batches.demand IS 'Minutes asked by the new uses of its workspace up to and with this one.';

CREATE VIEW limit_hits AS
    SELECT workspace_id, epoch, entry_no, at, recorded_at, unmet_minutes FROM crossings WHERE kind = 'limit_hit';

CREATE VIEW extra_minutes_usage AS
    SELECT d.workspace_id, d.entry_no, d.lot_id, l.kind AS lot_kind, l.purchase_id, d.minutes, e.at, e.recorded_at, e.key
    FROM draws d
    JOIN lots l ON l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id AND l.kind <> 'plan'
    JOIN entries e ON e.workspace_id = d.workspace_id AND e.entry_no = d.entry_no;
COMMENT ON VIEW extra_minutes_usage IS 'Use x purchase or grant lot.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('table_kinds', 'local', 'table_name'),
    ('schema_migrations', 'local', 'version'),
    ('plans', 'reference', 'plan'),
    ('workspaces', 'workspace', 'workspace_id'),
    ('subscriptions', 'workspace', 'workspace_id'),
    ('lots', 'workspace', 'workspace_id'),
    ('entries', 'workspace', 'workspace_id'),
    ('workspace_minutes', 'workspace', 'workspace_id'),
    ('draws', 'workspace', 'workspace_id'),
    ('crossings', 'workspace', 'workspace_id'),
    ('writes', 'workspace', 'workspace_id'),
    ('use_batches', 'workspace', 'workspace_id');

-- grants
GRANT SELECT ON table_kinds, schema_migrations, plans, limit_hits, extra_minutes_usage TO ledger_app;
GRANT SELECT, INSERT ON entries, draws, writes TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON workspaces, workspace_minutes, subscriptions TO ledger_app;
GRANT SELECT, INSERT, UPDATE (drawn, voided) ON lots TO ledger_app;
GRANT SELECT, INSERT, UPDATE (delivery, attempts, next_attempt_at, delivered_at, last_error) ON crossings TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON use_batches TO ledger_app;
