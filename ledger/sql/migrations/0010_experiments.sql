-- Experiments: hold-outs and the designs of price tests.

-- Hold-outs: for a while a share of the workspaces is shown no offer, so that its effect can be measured.
-- The arm follows from the id (function hold_out_arm), so nothing is stored for each workspace.
CREATE TABLE hold_outs (
    hold_out text COLLATE "C" PRIMARY KEY CONSTRAINT hold_outs_shape CHECK (hold_out ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    source text NOT NULL CONSTRAINT hold_outs_source CHECK (source IN ('live', 'stripe_test', 'sandbox', 'demo')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz CONSTRAINT hold_outs_end_after_start CHECK (ends_at > starts_at),
    created_by text NOT NULL,
    share_percent integer NOT NULL CONSTRAINT hold_outs_share CHECK (share_percent BETWEEN 10 AND 50),
    hits_needed integer NOT NULL CONSTRAINT hold_outs_hits_positive CHECK (hits_needed > 0),
    reason text NOT NULL CONSTRAINT hold_outs_say_why CHECK (length(btrim(reason)) BETWEEN 1 AND 400),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN hold_outs.share_percent IS 'How many of a hundred workspaces are in the control arm; never changed, or arms would change sides.';
COMMENT ON COLUMN hold_outs.hits_needed IS 'First limit hits that the control arm, the smaller one, needs: planned before the first came in.';
CREATE UNIQUE INDEX hold_outs_one_runs_in_each_source ON hold_outs (source) WHERE ends_at IS NULL;

-- An end is written once: a row that has one is not there for an UPDATE.
ALTER TABLE hold_outs ENABLE ROW LEVEL SECURITY;

CREATE POLICY hold_outs_are_read ON hold_outs FOR SELECT USING (true);

CREATE POLICY hold_outs_are_started ON hold_outs FOR INSERT WITH CHECK (ends_at IS NULL);

CREATE POLICY hold_outs_are_ended_once ON hold_outs FOR UPDATE USING (ends_at IS NULL) WITH CHECK (ends_at IS NOT NULL);

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

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('hold_outs', 'reference', 'hold_out'),
    ('price_test_designs', 'reference', 'design_id');

-- grants
GRANT SELECT, INSERT, UPDATE (ends_at) ON hold_outs TO ledger_app;
GRANT SELECT, INSERT ON price_test_designs TO ledger_app;
