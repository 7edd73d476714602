-- The pricing lab: saved scenarios, cohorts that bought in test mode, and the facts that it reads.

-- A saved scenario is never changed: an edit is the next version of its family, a duplicate is a family of its own.
CREATE TABLE pricing_scenarios (
    scenario_id uuid PRIMARY KEY,
    family_id uuid NOT NULL,
    version integer NOT NULL CONSTRAINT pricing_scenarios_version_from_one CHECK (version > 0),
    parent_id uuid REFERENCES pricing_scenarios,
    name text NOT NULL CONSTRAINT pricing_scenarios_name_length CHECK (length(btrim(name)) BETWEEN 1 AND 100),
    note text NOT NULL DEFAULT '' CONSTRAINT pricing_scenarios_note_length CHECK (length(note) <= 2000),
    parameters jsonb NOT NULL,
    snapshot jsonb NOT NULL,
    results jsonb NOT NULL,
    seed bigint NOT NULL CONSTRAINT pricing_scenarios_seed_not_negative CHECK (seed >= 0),
    code_version text NOT NULL,
    author text NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pricing_scenarios_one_next_version UNIQUE (family_id, version),
    CONSTRAINT pricing_scenarios_first_has_no_elder CHECK (version = 1 OR parent_id IS NOT NULL)
);
CREATE INDEX pricing_scenarios_newest ON pricing_scenarios (recorded_at DESC, scenario_id);
COMMENT ON COLUMN pricing_scenarios.parameters IS 'Tariffs, assumptions and segment, as the person set them.';
COMMENT ON COLUMN pricing_scenarios.snapshot IS 'The history it was computed on: source, data to, how many workspaces, fingerprint.';
COMMENT ON COLUMN pricing_scenarios.results IS 'What it said when it was saved, so that a run on later data can show the drift.';

-- A cohort of copies that bought through the real flow in test mode.
CREATE TABLE cohort_runs (
    run_id uuid PRIMARY KEY,
    scenario_id uuid REFERENCES pricing_scenarios,
    settings jsonb NOT NULL,
    status text NOT NULL DEFAULT 'running'
        CONSTRAINT cohort_runs_status CHECK (status IN ('running', 'finished', 'canceled', 'failed')),
    results jsonb,
    author text NOT NULL,
    at timestamptz NOT NULL,
    finished_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_at timestamptz,
    CONSTRAINT cohort_runs_finished_has_results CHECK (status <> 'finished' OR results IS NOT NULL)
);
CREATE INDEX cohort_runs_newest ON cohort_runs (recorded_at DESC, run_id);
COMMENT ON COLUMN cohort_runs.next_at IS 'Until then no other purchase of a rehearsal is made in this installation.';
COMMENT ON COLUMN cohort_runs.settings IS 'How it was set; plan: who decides what with which card, so that an interrupted run can go on.';

-- One reading of a source: compressed columns that Python unpacks. The newest ones stay, and those on which a scenario was
-- saved: uses that are booked late change what the same moment looks like, so an old reading cannot be had again.
CREATE TABLE pricing_snapshots (
    source text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    data_to timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    watermark text COLLATE "C" NOT NULL,
    code_version text COLLATE "C" NOT NULL,
    layout integer NOT NULL,
    workspaces bigint NOT NULL CONSTRAINT pricing_snapshots_workspaces_positive CHECK (workspaces > 0),
    facts bytea NOT NULL,
    PRIMARY KEY (source, currency, fingerprint)
);

ALTER TABLE pricing_snapshots ALTER COLUMN facts SET STORAGE EXTERNAL;
CREATE INDEX pricing_snapshots_newest ON pricing_snapshots (source, currency, data_to DESC);
COMMENT ON COLUMN pricing_snapshots.watermark IS 'How far the workspaces of the source and its price list were when it was taken.';
COMMENT ON COLUMN pricing_snapshots.code_version IS 'Fingerprint of the pricing code that read it.';
COMMENT ON COLUMN pricing_snapshots.layout IS 'How `facts` is written; what another version wrote is read from the ledger again.';
COMMENT ON COLUMN pricing_snapshots.facts IS 'Compressed already, so stored as it is.';

-- What pages requested from the worker, and how far it is.
CREATE TABLE pricing_readings (
    source text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    up_to timestamptz NOT NULL,
    wanted_at timestamptz NOT NULL,
    begun_at timestamptz,
    share double precision NOT NULL DEFAULT 0 CONSTRAINT pricing_readings_share CHECK (share BETWEEN 0 AND 1),
    fingerprint text COLLATE "C",
    error text,
    ended_at timestamptz,
    PRIMARY KEY (source, currency, up_to),
    CONSTRAINT pricing_readings_end_with_an_answer CHECK ((ended_at IS NULL) = (fingerprint IS NULL AND error IS NULL))
);
COMMENT ON COLUMN pricing_readings.up_to IS 'The requested moment; infinity: as new as the sums behind the screens are.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('pricing_scenarios', 'reference', 'scenario_id'),
    ('cohort_runs', 'reference', 'run_id'),
    ('pricing_snapshots', 'local', 'source'),
    ('pricing_readings', 'local', 'source');

-- grants
GRANT SELECT, INSERT ON pricing_scenarios TO ledger_app;
GRANT SELECT, INSERT, UPDATE (status, results, finished_at, next_at) ON cohort_runs TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON pricing_snapshots, pricing_readings TO ledger_app;
