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
COMMENT ON COLUMN closed_months.currency IS 'Of money; empty for everything else.';
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

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('closed_months', 'local', 'metric'),
    ('closed_month_checks', 'local', 'source'),
    ('metric_versions', 'local', 'metric');

-- grants
GRANT SELECT, INSERT ON closed_months, metric_versions TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON closed_month_checks TO ledger_app;
