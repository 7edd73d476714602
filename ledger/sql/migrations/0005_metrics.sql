-- What the screens read instead of uses: narrow facts, day-level sums of each metric's rows, and stored estimates.

CREATE TABLE rollup_state (
    one boolean PRIMARY KEY DEFAULT true CONSTRAINT rollup_state_has_one_row CHECK (one),
    report_timezone text NOT NULL DEFAULT 'UTC',
    definitions text NOT NULL DEFAULT '',
    data_to timestamptz,
    swept_to timestamptz
);
COMMENT ON COLUMN rollup_state.definitions IS 'Slugs and versions of what was rolled up: another list means a rebuild.';
COMMENT ON COLUMN rollup_state.data_to IS 'Everything that was committed and had happened by then is in the rollups.';
INSERT INTO rollup_state DEFAULT VALUES;

-- How far each workspace is rolled up. Entries are numbered without gaps under the lock of the workspace, so a
-- commit that arrives late is a higher number here and cannot be missed.
CREATE TABLE rollup_marks (
    workspace_id text COLLATE "C" PRIMARY KEY REFERENCES workspaces,
    entry_no bigint NOT NULL,
    signature bigint NOT NULL
);
COMMENT ON COLUMN rollup_marks.signature IS 'Of payments and plan spells: they may change without an entry.';

-- The workspaces of the refresh that is running; empty outside its transaction.
CREATE UNLOGGED TABLE rollup_work (
    workspace_id text COLLATE "C" PRIMARY KEY,
    from_no bigint NOT NULL,
    to_no bigint NOT NULL,
    known_signature bigint,
    signature bigint
);

CREATE TABLE monthly_usage_cache (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    month date NOT NULL,
    plan_minutes bigint NOT NULL,
    extra_minutes bigint NOT NULL,
    unmet_minutes bigint NOT NULL,
    PRIMARY KEY (workspace_id, month)
);
COMMENT ON COLUMN monthly_usage_cache.month IS 'First day of the UTC month of `at`.';

CREATE TABLE usage_by_epoch (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    epoch bigint NOT NULL,
    plan_minutes bigint NOT NULL,
    extra_minutes bigint NOT NULL,
    unmet_minutes bigint NOT NULL,
    uses bigint NOT NULL,
    first_use_at timestamptz NOT NULL,
    last_use_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, epoch)
);
COMMENT ON TABLE usage_by_epoch IS 'Demand between two credits: what the replay of other prices starts from.';

-- Days in the report time zone on which somebody wanted more than there was.
CREATE TABLE unmet_days (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    day date NOT NULL,
    unmet_minutes bigint NOT NULL,
    uses bigint NOT NULL,
    PRIMARY KEY (workspace_id, day)
);
CREATE INDEX unmet_days_day ON unmet_days (day);

-- What left each purchased lot on each day: drawn by uses, taken by voids, refunds and disputes (given back: negative).
CREATE TABLE lot_days (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    lot_id bigint NOT NULL,
    day date NOT NULL,
    drawn bigint NOT NULL,
    voided bigint NOT NULL,
    PRIMARY KEY (workspace_id, lot_id, day),
    CONSTRAINT lot_days_lot_of_same_workspace FOREIGN KEY (workspace_id, lot_id) REFERENCES lots (workspace_id, lot_id)
);

-- What each workspace adds to each metric and day, so that a changed workspace can be taken out and put in again.
CREATE TABLE workspace_days (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    metric text COLLATE "C" NOT NULL,
    day date NOT NULL,
    plan text COLLATE "C" NOT NULL,
    billing_cycle text COLLATE "C" NOT NULL,
    package text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL,
    value numeric NOT NULL,
    weight bigint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (workspace_id, metric, day, plan, billing_cycle, package, currency, part)
);

-- The sums of the above: as many rows as days and kinds, however many workspaces there are.
CREATE TABLE daily_rollups (
    metric text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    day date NOT NULL,
    plan text COLLATE "C" NOT NULL,
    billing_cycle text COLLATE "C" NOT NULL,
    package text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL,
    value numeric NOT NULL,
    weight bigint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (metric, source, day, plan, billing_cycle, package, currency, part)
);

-- Estimates that take longer than a page may wait: asked for by pages, computed by the worker.
CREATE TABLE metric_fits (
    metric text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    plan text COLLATE "C" NOT NULL,
    billing_cycle text COLLATE "C" NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    wanted_at timestamptz NOT NULL,
    as_of timestamptz,
    computed_at timestamptz,
    result jsonb,
    PRIMARY KEY (metric, source, plan, billing_cycle, starts_at, ends_at),
    CONSTRAINT metric_fits_computed_whole CHECK ((result IS NULL) = (computed_at IS NULL) AND (result IS NULL) = (as_of IS NULL))
);
CREATE INDEX metric_fits_wanted ON metric_fits (wanted_at);

-- A test in which some who reach the limit are not shown the offer.
CREATE TABLE hold_outs (
    hold_out text COLLATE "C" PRIMARY KEY CONSTRAINT hold_outs_shape CHECK (hold_out ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    source text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz CONSTRAINT hold_outs_end_after_start CHECK (ends_at > starts_at),
    created_by text NOT NULL
);
CREATE TABLE hold_out_arms (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    hold_out text COLLATE "C" NOT NULL REFERENCES hold_outs,
    held boolean NOT NULL,
    assigned_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, hold_out)
);

-- Something that happened and that a reader of a chart must know.
CREATE TABLE annotations (
    annotation_id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL CONSTRAINT annotations_kind CHECK (kind IN ('launch', 'definition', 'price', 'note')),
    metric text COLLATE "C",
    text text NOT NULL CONSTRAINT annotations_say_something CHECK (length(btrim(text)) BETWEEN 1 AND 200),
    created_by text NOT NULL,
    withdrawn_at timestamptz
);
CREATE INDEX annotations_at ON annotations (at);

CREATE TABLE goals (
    metric text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    value numeric NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (metric, source)
);

CREATE TABLE metric_alerts (
    alert_id uuid PRIMARY KEY,
    metric text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    days integer NOT NULL CONSTRAINT metric_alerts_days CHECK (days BETWEEN 1 AND 730),
    direction text NOT NULL CONSTRAINT metric_alerts_direction CHECK (direction IN ('below', 'above')),
    threshold numeric NOT NULL,
    channel text NOT NULL CONSTRAINT metric_alerts_channel CHECK (channel IN ('email', 'webhook')),
    target text NOT NULL CONSTRAINT metric_alerts_target_length CHECK (length(target) BETWEEN 3 AND 2000),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    beyond boolean NOT NULL DEFAULT false,
    stopped_at timestamptz
);
COMMENT ON COLUMN metric_alerts.beyond IS 'Whether the last check was beyond the threshold: an alert is sent when that begins and when it ends.';

CREATE TABLE metric_alert_history (
    alert_id uuid NOT NULL REFERENCES metric_alerts,
    at timestamptz NOT NULL,
    value numeric NOT NULL,
    beyond boolean NOT NULL,
    delivered_at timestamptz,
    error text,
    PRIMARY KEY (alert_id, at)
);

-- What a person wants to find again: the whole state of a page is its address.
CREATE TABLE saved_views (
    operator text NOT NULL,
    page text NOT NULL,
    name text NOT NULL CONSTRAINT saved_views_name_length CHECK (length(btrim(name)) BETWEEN 1 AND 80),
    query text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (operator, page, name)
);

-- The facts that metrics count. What is live, test or demo is decided here and nowhere else: a purchase counts only
-- under the source of its own workspace.
CREATE VIEW paid_purchases AS
    SELECT p.workspace_id, p.purchase_id, p.source, p.package, p.package_name, p.minutes, p.amount_cents, p.currency,
           p.fee_cents, p.fee_currency, p.paid_at, p.lot_id, p.status,
           p.refunded_cents > 0 OR p.dispute_status IS NOT NULL AS contested
    FROM extra_minutes_purchases p
    JOIN workspaces w ON w.workspace_id = p.workspace_id AND w.source = p.source
    WHERE p.paid_at IS NOT NULL AND p.status IN ('paid', 'partially_refunded', 'refunded', 'disputed');
COMMENT ON VIEW paid_purchases IS 'Purchases whose money arrived. contested: some of it may have gone back.';

-- Whether a hit is the first of its workspace, and which comes next, is one step in this index.
CREATE INDEX crossings_hits_of_workspace ON crossings (workspace_id, at, epoch) WHERE kind = 'limit_hit';
CREATE INDEX crossings_first_warnings ON crossings (at) WHERE kind = 'used_80';

CREATE VIEW hit_facts AS
    SELECT c.workspace_id, c.epoch, c.at, c.unmet_minutes, w.source
    FROM crossings c
    JOIN workspaces w ON w.workspace_id = c.workspace_id
    WHERE c.kind = 'limit_hit';

CREATE VIEW first_hits AS
    SELECT h.workspace_id, h.epoch, h.at, h.unmet_minutes, h.source
    FROM hit_facts h
    WHERE NOT EXISTS (
        SELECT 1 FROM crossings earlier
        WHERE earlier.workspace_id = h.workspace_id AND earlier.kind = 'limit_hit'
          AND (earlier.at, earlier.epoch) < (h.at, h.epoch));
COMMENT ON VIEW first_hits IS 'The first time each workspace had nothing left, by business time.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('rollup_state', 'local', 'one'),
    ('rollup_marks', 'workspace', 'workspace_id'),
    ('rollup_work', 'workspace', 'workspace_id'),
    ('monthly_usage_cache', 'workspace', 'workspace_id'),
    ('usage_by_epoch', 'workspace', 'workspace_id'),
    ('unmet_days', 'workspace', 'workspace_id'),
    ('lot_days', 'workspace', 'workspace_id'),
    ('workspace_days', 'workspace', 'workspace_id'),
    ('daily_rollups', 'local', 'metric'),
    ('metric_fits', 'local', 'metric'),
    ('hold_outs', 'reference', 'hold_out'),
    ('hold_out_arms', 'workspace', 'workspace_id'),
    ('annotations', 'local', 'annotation_id'),
    ('goals', 'local', 'metric'),
    ('metric_alerts', 'local', 'alert_id'),
    ('metric_alert_history', 'local', 'alert_id'),
    ('saved_views', 'local', 'operator');

-- grants
GRANT SELECT, UPDATE ON rollup_state TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON rollup_marks, rollup_work, monthly_usage_cache, usage_by_epoch, unmet_days TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON lot_days, workspace_days, daily_rollups, metric_fits, saved_views, goals TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON hold_outs, hold_out_arms, annotations, metric_alerts, metric_alert_history TO ledger_app;
GRANT SELECT ON paid_purchases, hit_facts, first_hits TO ledger_app;
