-- Minutes: the lots that hold them, the chained statement of each workspace, its locked balance, and what each use drew.

-- Types, not CHECKs over lists of words: the hot tables are checked on every use, and a type costs nothing there.
CREATE TYPE lot_kind AS ENUM ('plan', 'purchase', 'grant');
-- From 'grant' on, a person or a payment took a decision: these need a reason.
CREATE TYPE entry_kind AS ENUM ('use', 'allocation', 'reset', 'purchase', 'restore', 'grant', 'void', 'refund', 'dispute');
CREATE TYPE overage_policy AS ENUM ('partial', 'full', 'refused', 'extra');

-- The rules of one row of `entries` and of `workspace_minutes`, each in one CHECK that calls a function: PostgreSQL reads a CHECK
-- from text in every statement that writes the table, and a function once for each connection. The same holds for generated
-- columns: those of an entry are written with it, and checked. A broken rule is reported by its own name.
-- Made by migrations only, so that a rule never changes without all rows being checked against it.
-- They name their columns one by one: a row as a whole does not reach the shards of a table.
CREATE FUNCTION refuse_row(p_table text, p_rule text, p_row text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'check_violation', TABLE = p_table, CONSTRAINT = p_rule,
        MESSAGE = format('new row for relation "%s" violates check constraint "%s"', p_table, p_rule),
        DETAIL = format('Failing row contains %s.', p_row);
END $$;

-- What the index of keys holds of each: 128 bits of SHA-256. Equal digests say that the key is worth comparing, and no more.
-- A backslash is doubled, because a cast to bytea reads it as the beginning of a code.
CREATE FUNCTION key_digest(p_key text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN substring(sha256(replace(p_key, '\', '\\')::bytea) FROM 1 FOR 16);

CREATE FUNCTION entry_is_sound(
    workspace_id text, entry_no bigint, previous_no bigint, kind entry_kind, key text, overage_policy overage_policy, lot_id bigint,
    reason text, minutes bigint, unmet_minutes bigint, plan_delta bigint, plan_after bigint, extra_delta bigint, extra_after bigint
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN least(plan_after, extra_after, unmet_minutes) < 0 THEN 'entries_never_negative'
        WHEN minutes <> unmet_minutes + abs(plan_delta + extra_delta) THEN 'entries_add_up'
        WHEN previous_no IS DISTINCT FROM nullif(entry_no - 1, 0) THEN 'entries_numbered_without_gaps'
        WHEN previous_no IS NULL AND (plan_after <> plan_delta OR extra_after <> extra_delta) THEN 'entries_first_starts_at_zero'
        WHEN least(plan_after - plan_delta, extra_after - extra_delta) < 0 THEN 'entries_never_negative'
        WHEN (kind = 'use') <> (overage_policy IS NOT NULL) THEN 'entries_use_has_policy'
        WHEN overage_policy IS NULL AND lot_id IS NULL THEN 'entries_use_only_draws'
        WHEN overage_policy IS NOT NULL AND greatest(plan_delta, extra_delta) > 0 THEN 'entries_use_only_draws'
        WHEN lot_id IS NOT NULL AND (unmet_minutes <> 0 OR least(abs(plan_delta), abs(extra_delta)) <> 0) THEN 'entries_one_lot_one_pool'
        WHEN kind >= 'grant' AND coalesce(btrim(reason), '') = '' THEN 'entries_decision_has_reason'
        WHEN key = '' THEN 'entries_key_not_empty'
    END;
BEGIN
    IF broken IS NULL THEN
        RETURN true;
    END IF;
    RETURN refuse_row('entries', broken, format('%s, entry %s, %s "%s"', workspace_id, entry_no, kind, key));
END $$;

CREATE FUNCTION balance_is_sound(
    workspace_id text, last_entry_no bigint, minutes_remaining bigint, extra_minutes_remaining bigint, current_remaining bigint,
    gauge_base bigint
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN least(minutes_remaining, extra_minutes_remaining, current_remaining) < 0 THEN 'workspace_minutes_never_negative'
        WHEN minutes_remaining + extra_minutes_remaining > gauge_base THEN 'workspace_minutes_base_covers_balance'
        WHEN last_entry_no IS NULL AND gauge_base <> 0 THEN 'workspace_minutes_empty_is_zero'
    END;
BEGIN
    IF broken IS NULL THEN
        RETURN true;
    END IF;
    RETURN refuse_row('workspace_minutes', broken, format('%s, entry %s', workspace_id, last_entry_no));
END $$;

CREATE TABLE stored_lots (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    lot_id bigint NOT NULL,
    minutes bigint NOT NULL,
    drawn bigint NOT NULL DEFAULT 0,
    voided bigint NOT NULL DEFAULT 0,
    remaining bigint GENERATED ALWAYS AS (minutes - drawn - voided) STORED,
    open boolean GENERATED ALWAYS AS (minutes - drawn - voided > 0) STORED,
    burn_order bigint NOT NULL,
    entry_no bigint NOT NULL,
    acquired_at timestamptz NOT NULL,
    period_start timestamptz,
    reset_date timestamptz,
    expires_at timestamptz,
    purchase_id uuid,
    kind lot_kind NOT NULL,
    arrears boolean NOT NULL DEFAULT false,
    PRIMARY KEY (workspace_id, lot_id),
    CONSTRAINT lots_never_overdrawn CHECK (least(remaining, drawn, voided) >= 0),
    CONSTRAINT lots_one_per_purchase UNIQUE (workspace_id, purchase_id),
    CONSTRAINT lots_purchase_of_same_workspace FOREIGN KEY (workspace_id, purchase_id)
        REFERENCES extra_minutes_purchases (workspace_id, purchase_id)
) WITH (fillfactor = 70);
-- `open` changes only when a lot empties, so ordinary draws stay heap-only updates.
CREATE INDEX lots_open ON stored_lots (workspace_id, burn_order, lot_id) WHERE open;
CREATE UNIQUE INDEX lots_one_reset_per_period ON stored_lots (workspace_id, period_start) WHERE period_start IS NOT NULL;
COMMENT ON TABLE stored_lots IS 'Lots as they were last written: the current lot of a workspace holds workspace_minutes.current_remaining. Read `lots`.';
COMMENT ON COLUMN stored_lots.burn_order IS 'Place in the order of use, from burn_order(); ties are broken by lot_id.';
COMMENT ON COLUMN stored_lots.entry_no IS 'The entry that credited this lot.';
COMMENT ON COLUMN stored_lots.period_start IS 'Set on resets only: the period this lot pays for.';
COMMENT ON COLUMN stored_lots.reset_date IS 'On plan lots: when the next allocation is due after this one; null for annual plans.';
COMMENT ON COLUMN stored_lots.arrears IS 'Paid for a period older than the one in force: minutes only, plan and reset date stayed.';

-- The statement of a workspace: every change, numbered without gaps, each continuing the one before it.
-- There is a row for every use there ever was, so each byte counts: the columns are in the order of their alignment, minutes of one
-- change are of 4 bytes (at most a million in one entry), and what an entry begins with is not stored: balance less change.
CREATE TABLE entries (
    entry_no bigint NOT NULL,
    previous_no bigint,
    plan_after bigint NOT NULL,
    extra_after bigint NOT NULL,
    used_after bigint NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    latest_at timestamptz NOT NULL,
    gauge_base bigint NOT NULL,
    lot_id bigint,
    duration_seconds bigint,
    plan_delta integer NOT NULL,
    extra_delta integer NOT NULL,
    minutes integer NOT NULL,
    unmet_minutes integer NOT NULL DEFAULT 0,
    epoch integer NOT NULL,
    kind entry_kind NOT NULL,
    overage_policy overage_policy,
    workspace_id text COLLATE "C" NOT NULL,
    key varchar(255) COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    thresholds smallint[],
    reason text,
    reference text,
    CONSTRAINT entries_are_sound CHECK (
        entry_is_sound(workspace_id, entry_no, previous_no, kind, key, overage_policy, lot_id, reason, minutes, unmet_minutes, plan_delta,
                       plan_after, extra_delta, extra_after)),
    PRIMARY KEY (workspace_id, entry_no),
    CONSTRAINT entries_continue_the_previous FOREIGN KEY (workspace_id, previous_no) REFERENCES entries (workspace_id, entry_no),
    CONSTRAINT entries_lot_of_same_workspace FOREIGN KEY (workspace_id, lot_id) REFERENCES stored_lots (workspace_id, lot_id)
);
CREATE UNIQUE INDEX entries_key_once ON entries (workspace_id, key_digest(key)) WHERE kind = 'use';
CREATE UNIQUE INDEX entries_write_once ON entries (workspace_id, key, kind) WHERE kind <> 'use';
CREATE INDEX entries_late ON entries (workspace_id, at) WHERE at < latest_at;
COMMENT ON COLUMN entries.at IS 'Business time: when it happened.';
COMMENT ON COLUMN entries.latest_at IS 'Running maximum of `at`, so that a balance as of any time is found by binary search.';
COMMENT ON COLUMN entries.used_after IS 'All minutes ever consumed, after this entry.';
COMMENT ON COLUMN entries.gauge_base IS 'Balance right after the last credit (less what was voided since): the 0% mark of the gauge.';
COMMENT ON COLUMN entries.lot_id IS 'The lot that was credited or taken from; of a use: the one lot that all its minutes came from, unless its draws are stored.';
COMMENT ON COLUMN entries.overage_policy IS 'What a use does when less is left than it wants: draw what is there (partial), all or nothing (full), extra minutes only (extra); refused = an all-or-nothing use that was not covered.';

-- One locked row for each workspace. Its last entry is there, by foreign key; that its balance is the same, insert_entries compares
-- before the next one, and `verify` for all.
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
    gauge_base bigint NOT NULL DEFAULT 0,
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
    current_lot_id bigint,
    current_remaining bigint NOT NULL DEFAULT 0,
    current_is_plan boolean NOT NULL DEFAULT false,
    CONSTRAINT workspace_minutes_are_sound CHECK (
        balance_is_sound(workspace_id, last_entry_no, minutes_remaining, extra_minutes_remaining, current_remaining, gauge_base)),
    -- A use moves this row first and writes its entry then: the two are compared when both are there, at the commit.
    CONSTRAINT workspace_minutes_is_last_entry FOREIGN KEY (workspace_id, last_entry_no)
        REFERENCES entries (workspace_id, entry_no) DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 50);
CREATE INDEX workspace_minutes_due ON workspace_minutes (minutes_reset_date) WHERE managed_by = 'ledger';
COMMENT ON COLUMN workspace_minutes.minutes_total IS 'The current plan allocation: 200, or 2,400 for an annual plan.';
COMMENT ON COLUMN workspace_minutes.minutes_remaining IS 'Plan minutes available.';
COMMENT ON COLUMN workspace_minutes.anchor_at IS 'Billing anchor: day and time of the last allocation; resets fall on it, month by month.';
COMMENT ON COLUMN workspace_minutes.warned IS 'Highest threshold fired in this epoch.';
COMMENT ON COLUMN workspace_minutes.current_lot_id IS 'The first open lot in the order of use, whose draws are not written to it yet; null: to be looked up.';
COMMENT ON COLUMN workspace_minutes.current_remaining IS 'What the current lot holds; 0 when none is known.';
COMMENT ON COLUMN workspace_minutes.current_is_plan IS 'Whether the current lot holds plan minutes: the pool that the next use draws from.';

-- A use that its current lot covers moves the locked row and writes no lot: what that lot has lost since it was last written
-- stands in workspace_minutes. Readers see every lot as it is now, here.
CREATE VIEW lots AS
    SELECT l.workspace_id, l.lot_id, l.kind, l.minutes, coalesce(l.minutes - l.voided - w.current_remaining, l.drawn) AS drawn, l.voided,
           coalesce(w.current_remaining, l.remaining) AS remaining, l.open, l.burn_order, l.entry_no, l.acquired_at, l.period_start,
           l.reset_date, l.expires_at, l.purchase_id, l.arrears
    FROM stored_lots l
    LEFT JOIN workspace_minutes w ON w.workspace_id = l.workspace_id AND w.current_lot_id = l.lot_id;
COMMENT ON VIEW lots IS 'Every lot as it is now.';

-- Which use took how much from which lot. A use that leaves minutes in the lot it draws from names that lot in its entry, and
-- needs no draw of its own: rows here are for the other uses, those that empty a lot.
CREATE TABLE stored_draws (
    entry_no bigint NOT NULL,
    lot_id bigint NOT NULL,
    minutes bigint NOT NULL CONSTRAINT draws_minutes_positive CHECK (minutes > 0),
    workspace_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace_id, entry_no, lot_id),
    CONSTRAINT draws_entry_of_same_workspace FOREIGN KEY (workspace_id, entry_no) REFERENCES entries (workspace_id, entry_no),
    CONSTRAINT draws_lot_of_same_workspace FOREIGN KEY (workspace_id, lot_id) REFERENCES stored_lots (workspace_id, lot_id)
);
COMMENT ON TABLE stored_draws IS 'What uses that do not name their one lot took from each lot. Read `draws`.';

CREATE VIEW draws AS
    SELECT d.workspace_id, d.entry_no, d.lot_id, d.minutes FROM stored_draws d
    UNION ALL
    SELECT e.workspace_id, e.entry_no, e.lot_id, e.minutes::bigint FROM entries e WHERE e.kind = 'use' AND e.lot_id IS NOT NULL;
COMMENT ON VIEW draws IS 'What each use took from each lot.';

CREATE VIEW extra_minutes_usage AS
    SELECT d.workspace_id, d.entry_no, d.lot_id, l.kind AS lot_kind, l.purchase_id, d.minutes, e.at, e.recorded_at, e.key
    FROM draws d
    JOIN lots l ON l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id AND l.kind <> 'plan'
    JOIN entries e ON e.workspace_id = d.workspace_id AND e.entry_no = d.entry_no;

-- The key of every write that is not a use (the entry of a use holds its own key).
CREATE TABLE idempotency_keys (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    operation text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL CONSTRAINT idempotency_keys_length CHECK (length(key) BETWEEN 1 AND 255),
    body jsonb NOT NULL,
    entry_no bigint NOT NULL,
    lot_id bigint,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, operation, key)
);
COMMENT ON COLUMN idempotency_keys.entry_no IS 'Last entry of the workspace after this write: the first answer is the state as of it.';

-- Uses of one batch while record_uses works on them; empty outside a transaction. What must not be null is refused by use_refusal,
-- in the words of our own errors.
CREATE UNLOGGED TABLE use_batches (
    batch bigint NOT NULL,
    n bigint NOT NULL,
    minutes bigint,
    at timestamptz,
    duration_seconds bigint,
    booked_no bigint,
    ordinal bigint NOT NULL,
    demand bigint,
    latest_at timestamptz,
    repeated boolean NOT NULL,
    refusal text,
    workspace_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace_id, batch, n)
);
-- One index serves a batch and each workspace of it, in the order of both.
CREATE INDEX use_batches_of_workspace ON use_batches (batch, workspace_id, n);
COMMENT ON COLUMN use_batches.booked_no IS 'The entry of this key, once it has one.';
COMMENT ON COLUMN use_batches.refusal IS 'Why this use could not be booked: an SQLSTATE of ours.';
COMMENT ON COLUMN use_batches.ordinal IS 'Place among the new uses of its workspace: 1, 2, 3 ...';
COMMENT ON COLUMN use_batches.demand IS 'Minutes wanted by the new uses of its workspace up to and with this one.';

-- A company whose workspaces have one entry each is analysed as such, and any index that begins with the workspace then looks as
-- good as the one that ends in the key: each use would read all entries of its workspace until the next ANALYZE. And a number
-- that is the same everywhere says nothing, to PostgreSQL: it would plan each foreign key anew for every use.
ALTER TABLE entries ALTER COLUMN workspace_id SET (n_distinct = -0.01), ALTER COLUMN entry_no SET (n_distinct = 1000);
ALTER TABLE stored_draws ALTER COLUMN workspace_id SET (n_distinct = -0.01);
ALTER TABLE stored_lots ALTER COLUMN workspace_id SET (n_distinct = -0.1), ALTER COLUMN lot_id SET (n_distinct = 100);

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('stored_lots', 'workspace', 'workspace_id'),
    ('entries', 'workspace', 'workspace_id'),
    ('workspace_minutes', 'workspace', 'workspace_id'),
    ('stored_draws', 'workspace', 'workspace_id'),
    ('idempotency_keys', 'workspace', 'workspace_id'),
    ('use_batches', 'workspace', 'workspace_id');

-- grants
-- What is booked is append-only: of a lot, only what was drawn and voided may change.
GRANT SELECT ON lots, draws, extra_minutes_usage TO ledger_app;
GRANT SELECT, INSERT ON entries, stored_draws, idempotency_keys TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON workspace_minutes TO ledger_app;
GRANT SELECT, INSERT, UPDATE (drawn, voided) ON stored_lots TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON use_batches TO ledger_app;
