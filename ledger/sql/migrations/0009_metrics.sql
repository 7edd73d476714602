-- What surrounds a metric: estimates, closed months, versions, goals, annotations, alerts and saved views.

-- Estimates that take longer than a page may wait: requested by pages, computed by the worker.
CREATE TABLE metric_fits (
    metric text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    plan text COLLATE "C" NOT NULL,
    billing_cycle text COLLATE "C" NOT NULL,
    attributes text COLLATE "C" NOT NULL DEFAULT '',
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    wanted_at timestamptz NOT NULL,
    as_of timestamptz,
    computed_at timestamptz,
    result jsonb,
    known_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (metric, source, plan, billing_cycle, attributes, starts_at, ends_at, known_at),
    CONSTRAINT metric_fits_computed_whole CHECK ((result IS NULL) = (computed_at IS NULL) AND (result IS NULL) = (as_of IS NULL))
);
CREATE INDEX metric_fits_wanted ON metric_fits (wanted_at);
COMMENT ON COLUMN metric_fits.attributes IS 'Keys and segments as JSON; empty without such a filter.';
COMMENT ON COLUMN metric_fits.known_at IS 'Booking time up to which it knows; infinity: the present, renewed with the data.';

-- What each month's numbers were when the month closed, every later reading that differs with its cause, and since
-- when each definition holds. Nothing here is ever changed: a correction is a further row.
CREATE TABLE closed_months (
    metric text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    month date NOT NULL CONSTRAINT closed_months_first_day CHECK (extract(day FROM month) = 1),
    currency text COLLATE "C" NOT NULL,
    revision integer NOT NULL CONSTRAINT closed_months_revision_from_one CHECK (revision > 0),
    value double precision,
    low double precision,
    high double precision,
    n bigint,
    pending bigint NOT NULL,
    reason text,
    definition_version integer NOT NULL,
    report_timezone text NOT NULL,
    as_of timestamptz NOT NULL,
    computed_at timestamptz NOT NULL,
    sum_of_values numeric NOT NULL,
    sum_of_weights bigint NOT NULL,
    row_count bigint NOT NULL,
    facts jsonb NOT NULL,
    causes jsonb NOT NULL,
    PRIMARY KEY (metric, source, month, currency, revision),
    CONSTRAINT closed_months_change_has_cause CHECK (revision = 1 OR causes <> '[]')
);
CREATE INDEX closed_months_of_source ON closed_months (source, month);
COMMENT ON COLUMN closed_months.month IS 'First day, in the report time zone of the row.';
COMMENT ON COLUMN closed_months.revision IS '1: as measured when the month closed. 2, 3, ...: readings that differed later.';
COMMENT ON COLUMN closed_months.as_of IS 'Everything known by then is in the number.';
COMMENT ON COLUMN closed_months.sum_of_values IS 'With the weights and rows: the daily sums of the month; as long as they stay, nothing is measured again.';
COMMENT ON COLUMN closed_months.facts IS 'Counts of what the number rests on: what differs in the next reading is its cause.';

-- When a month was last compared with the daily sums, so that all of them get their turn.
CREATE TABLE closed_month_checks (
    source text COLLATE "C" NOT NULL,
    month date NOT NULL,
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (source, month)
);

CREATE TABLE metric_versions (
    metric text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    since timestamptz NOT NULL,
    formula text NOT NULL,
    PRIMARY KEY (metric, version)
);
COMMENT ON COLUMN metric_versions.since IS 'When the worker first met this definition.';

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

-- What a person wants to find again: the whole state of a page is its address.
CREATE TABLE saved_views (
    operator text NOT NULL,
    page text NOT NULL,
    name text NOT NULL CONSTRAINT saved_views_name_length CHECK (length(btrim(name)) BETWEEN 1 AND 80),
    query text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (operator, page, name)
);

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('metric_fits', 'local', 'metric'),
    ('closed_months', 'local', 'metric'),
    ('closed_month_checks', 'local', 'source'),
    ('metric_versions', 'local', 'metric'),
    ('annotations', 'local', 'annotation_id'),
    ('goals', 'local', 'metric'),
    ('saved_views', 'local', 'operator');

-- grants
GRANT SELECT, INSERT, UPDATE, DELETE ON metric_fits, saved_views, goals TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON annotations, closed_month_checks TO ledger_app;
GRANT SELECT, INSERT ON closed_months, metric_versions TO ledger_app;
