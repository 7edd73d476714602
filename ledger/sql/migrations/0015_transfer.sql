-- Histories that were imported: which, from where, and which workspaces came with each, so that one can be undone as a whole.
CREATE TABLE imports (
    import_id uuid PRIMARY KEY,
    source text NOT NULL CONSTRAINT imports_source CHECK (source IN ('live', 'stripe_test', 'sandbox', 'demo')),
    origin text NOT NULL,
    mapping text NOT NULL,
    actor text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    undone_at timestamptz,
    undone_by text,
    rows_booked bigint NOT NULL DEFAULT 0,
    older_workspaces bigint NOT NULL DEFAULT 0,
    undone_workspaces bigint,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT imports_undone_by_somebody CHECK (num_nulls(undone_at, undone_by, undone_workspaces) IN (0, 3))
);
COMMENT ON COLUMN imports.origin IS 'The folder, or the Stripe account, that the rows came from.';
COMMENT ON COLUMN imports.mapping IS 'How the files were read: the text of the mapping file.';
COMMENT ON COLUMN imports.older_workspaces IS 'Workspaces that were here before and got rows.';

CREATE TABLE imported_workspaces (
    workspace_id text COLLATE "C" PRIMARY KEY REFERENCES workspaces,
    import_id uuid NOT NULL,
    entry_no bigint NOT NULL DEFAULT 0,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX imported_workspaces_import ON imported_workspaces (import_id);
COMMENT ON COLUMN imported_workspaces.entry_no IS 'The last entry that the import booked: any later one but a monthly reset stands on it.';

-- What an import added to workspaces that were here before: entries from_no + 1 to to_no. Written by the owner's functions only, in one
-- transaction with these entries; transaction_id is that of an addition that has begun.
CREATE TABLE import_additions (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    import_id uuid NOT NULL,
    from_no bigint NOT NULL,
    to_no bigint,
    transaction_id xid8,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, import_id)
);
CREATE INDEX import_additions_import ON import_additions (import_id);

-- Rows that an import wrote in these workspaces beside entries: what they were, and what must still be there to undo it.
CREATE TABLE import_changes (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    import_id uuid NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    id jsonb NOT NULL,
    before jsonb,
    digest_after text NOT NULL,
    PRIMARY KEY (workspace_id, import_id, table_name, id)
);
CREATE INDEX import_changes_import ON import_changes (import_id, table_name);
COMMENT ON COLUMN import_changes.before IS 'The row as it was; null when the import made it.';

-- Rows as they are when an addition begins; empty outside its transaction.
CREATE UNLOGGED TABLE import_before (
    workspace_id text COLLATE "C" NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    id jsonb NOT NULL,
    image jsonb NOT NULL,
    PRIMARY KEY (workspace_id, table_name, id)
);

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('imports', 'local', 'import_id'),
    ('imported_workspaces', 'workspace', 'workspace_id'),
    ('import_additions', 'workspace', 'workspace_id'),
    ('import_changes', 'workspace', 'workspace_id'),
    ('import_before', 'workspace', 'workspace_id');

-- grants
-- Without recorded_at: a workspace that was here before cannot be said to have come with an import, and then be undone.
GRANT SELECT, INSERT (import_id, source, origin, mapping, actor, started_at, older_workspaces),
    UPDATE (finished_at, undone_at, undone_by, rows_booked, undone_workspaces) ON imports TO ledger_app;
GRANT SELECT, INSERT (workspace_id, import_id, entry_no), UPDATE (entry_no) ON imported_workspaces TO ledger_app;
GRANT SELECT ON import_additions TO ledger_app;
