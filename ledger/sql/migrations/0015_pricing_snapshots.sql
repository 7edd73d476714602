-- Facts of the pricing lab, read by the worker and kept, so that no page waits for them.

-- One reading of a source: compressed columns that Python unpacks. The newest ones stay, and those on which a scenario was
-- saved: uses that are booked late change what the same moment looks like, so an old reading cannot be had again.
CREATE TABLE pricing_snapshots (
    source text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    data_to timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    watermark text COLLATE "C" NOT NULL,
    code_version text COLLATE "C" NOT NULL,
    layout integer NOT NULL,
    workspaces bigint NOT NULL CONSTRAINT pricing_snapshots_workspaces_positive CHECK (workspaces > 0),
    facts bytea NOT NULL,
    PRIMARY KEY (source, fingerprint)
);
ALTER TABLE pricing_snapshots ALTER COLUMN facts SET STORAGE EXTERNAL;
CREATE INDEX pricing_snapshots_newest ON pricing_snapshots (source, data_to DESC);
COMMENT ON COLUMN pricing_snapshots.watermark IS 'How far the workspaces of the source and its price list were when it was taken.';
COMMENT ON COLUMN pricing_snapshots.code_version IS 'Fingerprint of the pricing code that read it.';
COMMENT ON COLUMN pricing_snapshots.layout IS 'How `facts` is written; what another version wrote is read from the ledger again.';
COMMENT ON COLUMN pricing_snapshots.facts IS 'Compressed already, so stored as it is.';

-- What a page has asked the worker to read, and how far that is.
CREATE TABLE pricing_readings (
    source text COLLATE "C" NOT NULL,
    up_to timestamptz NOT NULL,
    wanted_at timestamptz NOT NULL,
    begun_at timestamptz,
    share double precision NOT NULL DEFAULT 0 CONSTRAINT pricing_readings_share CHECK (share BETWEEN 0 AND 1),
    fingerprint text COLLATE "C",
    error text,
    ended_at timestamptz,
    PRIMARY KEY (source, up_to),
    CONSTRAINT pricing_readings_end_with_an_answer CHECK ((ended_at IS NULL) = (fingerprint IS NULL AND error IS NULL))
);
COMMENT ON COLUMN pricing_readings.up_to IS 'The moment asked for; infinity: as new as the sums behind the screens are.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('pricing_snapshots', 'local', 'source'),
    ('pricing_readings', 'local', 'source');

-- grants
GRANT SELECT, INSERT, UPDATE, DELETE ON pricing_snapshots, pricing_readings TO ledger_app;
