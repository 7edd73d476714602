-- What the screens read instead of uses: narrow facts, and sums of each metric's rows by day and month.

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
    signature bigint NOT NULL,
    minutes bigint NOT NULL
);
COMMENT ON COLUMN rollup_marks.signature IS 'Of payments, subscriptions, offers seen and alerts delivered: they may change without an entry.';

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
    CONSTRAINT lot_days_lot_of_same_workspace FOREIGN KEY (workspace_id, lot_id) REFERENCES stored_lots (workspace_id, lot_id)
);

-- By how much each balance changed on each day; a past balance is the one at the mark less the changes since.
CREATE TABLE balance_days (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    day date NOT NULL,
    minutes bigint NOT NULL,
    PRIMARY KEY (workspace_id, day)
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
-- A metric divided by an attribute is read by day and workspace.
CREATE INDEX workspace_days_of_metric ON workspace_days (metric, day);

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

-- The same by whole months, so that a long period costs as many rows as it has months.
CREATE TABLE monthly_rollups (LIKE daily_rollups INCLUDING ALL);
ALTER TABLE monthly_rollups RENAME COLUMN day TO month;
COMMENT ON COLUMN monthly_rollups.month IS 'First day of the month in the report time zone.';

-- What daily sums count again, of metrics that count a workspace once: a period's sum, less the repeats whose two days lie
-- in it, is the number of its workspaces. As many rows as pairs of days, however many workspaces there are.
CREATE TABLE repeated_days (
    metric text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL CONSTRAINT repeated_days_scope CHECK (scope IN ('all', 'plan', 'billing_cycle', 'both')),
    day date NOT NULL,
    previous_day date NOT NULL,
    plan text COLLATE "C" NOT NULL,
    billing_cycle text COLLATE "C" NOT NULL,
    value bigint NOT NULL,
    n bigint NOT NULL,
    -- A year is thousands of pairs: its sum is read from the index alone.
    PRIMARY KEY (metric, source, scope, day, previous_day, plan, billing_cycle) INCLUDE (value, n)
);
CREATE INDEX repeated_days_empty ON repeated_days (metric) WHERE value = 0 AND n = 0;
COMMENT ON COLUMN repeated_days.scope IS 'Within which days a workspace repeats: all, or those on the same plan, billing cycle or both.';

-- The facts that metrics count. What is live, test or demo is decided here and nowhere else: a purchase counts only
-- under the source of its own workspace.
-- Its amount is revenue: after the discount, without tax.
CREATE VIEW paid_purchases AS
    SELECT p.workspace_id, p.purchase_id, p.source, p.package, p.package_name, p.minutes, p.revenue_cents AS amount_cents, p.charged_cents, p.currency,
           p.fee_cents, p.fee_currency, p.paid_at, p.lot_id, p.status,
           p.refunded_cents > 0 OR p.dispute_status IS NOT NULL AS contested
    FROM extra_minutes_purchases p
    JOIN workspaces w ON w.workspace_id = p.workspace_id AND w.source = p.source
    WHERE p.paid_at IS NOT NULL AND p.status IN ('paid', 'partially_refunded', 'refunded', 'disputed');

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('rollup_state', 'local', 'one'),
    ('rollup_marks', 'workspace', 'workspace_id'),
    ('rollup_work', 'workspace', 'workspace_id'),
    ('monthly_usage_cache', 'workspace', 'workspace_id'),
    ('usage_by_epoch', 'workspace', 'workspace_id'),
    ('unmet_days', 'workspace', 'workspace_id'),
    ('lot_days', 'workspace', 'workspace_id'),
    ('balance_days', 'workspace', 'workspace_id'),
    ('workspace_days', 'workspace', 'workspace_id'),
    ('daily_rollups', 'local', 'metric'),
    ('monthly_rollups', 'local', 'metric'),
    ('repeated_days', 'local', 'metric');

-- grants
GRANT SELECT, UPDATE ON rollup_state TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON rollup_marks, rollup_work, monthly_usage_cache, usage_by_epoch, unmet_days TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON lot_days, balance_days, workspace_days, daily_rollups, monthly_rollups, repeated_days TO ledger_app;
GRANT SELECT ON paid_purchases TO ledger_app;
