-- The pricing lab: scenarios that were saved, designs of price tests, and cohorts that bought in test mode.

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

-- How a price test should be run. The test itself starts in the catalogue, by somebody who may change prices.
CREATE TABLE price_test_designs (
    design_id uuid PRIMARY KEY,
    test text COLLATE "C" NOT NULL CONSTRAINT price_test_designs_shape CHECK (test ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    arms text[] NOT NULL CONSTRAINT price_test_designs_two_arms CHECK (cardinality(arms) BETWEEN 2 AND 100),
    design jsonb NOT NULL,
    note text NOT NULL DEFAULT '' CONSTRAINT price_test_designs_note_length CHECK (length(note) <= 2000),
    author text NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX price_test_designs_newest ON price_test_designs (recorded_at DESC, design_id);

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
    CONSTRAINT cohort_runs_finished_has_results CHECK (status <> 'finished' OR results IS NOT NULL)
);
CREATE INDEX cohort_runs_newest ON cohort_runs (recorded_at DESC, run_id);

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('pricing_scenarios', 'reference', 'scenario_id'),
    ('price_test_designs', 'reference', 'design_id'),
    ('cohort_runs', 'reference', 'run_id');

-- grants
GRANT SELECT, INSERT ON pricing_scenarios, price_test_designs TO ledger_app;
GRANT SELECT, INSERT, UPDATE (status, results, finished_at) ON cohort_runs TO ledger_app;
