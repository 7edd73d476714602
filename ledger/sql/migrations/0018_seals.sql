-- Seals: what was booked is pinned by digests under signed roots, so that a change behind the ledger's back is named.

-- One root for each pass of the worker. Its signature is made with a key that the database never sees.
CREATE TABLE seal_roots (
    root_no bigint PRIMARY KEY,
    sealed_at timestamptz NOT NULL,
    leaves bigint NOT NULL,
    root bytea NOT NULL CONSTRAINT seal_roots_root_length CHECK (length(root) = 32),
    signature bytea NOT NULL,
    key_id text COLLATE "C" NOT NULL
);
COMMENT ON COLUMN seal_roots.root IS 'Merkle root of the leaves of this pass and of the root before it.';

-- One row for each run of entries of a workspace: about a hundred bytes a workspace and day, not a hash a use.
CREATE TABLE entry_seals (
    workspace_id text COLLATE "C" NOT NULL,
    first_entry_no bigint NOT NULL,
    last_entry_no bigint NOT NULL,
    digest bytea NOT NULL,
    root_no bigint NOT NULL,
    PRIMARY KEY (workspace_id, last_entry_no)
);
CREATE INDEX entry_seals_of_root ON entry_seals (root_no);

-- One row for each sealed row of everything else. `version`: how often staff changed the row, by the audit log.
CREATE TABLE sealed_rows (
    chain text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    digest bytea NOT NULL,
    root_no bigint NOT NULL,
    PRIMARY KEY (chain, subject, version)
);
CREATE INDEX sealed_rows_of_root ON sealed_rows (root_no);

-- Seals of workspaces that left with an undone import: the roots still hold, and what was sealed stays pinned.
-- A run of entries has its workspace and first number as subject, and its last number as version.
CREATE TABLE undone_seals (
    import_id uuid NOT NULL,
    chain text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    digest bytea NOT NULL,
    root_no bigint NOT NULL,
    PRIMARY KEY (root_no, chain, subject, version)
);

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('seal_roots', 'local', 'root_no'),
    ('entry_seals', 'workspace', 'workspace_id'),
    ('sealed_rows', 'local', 'chain'),
    ('undone_seals', 'local', 'root_no');

-- grants
GRANT SELECT, INSERT ON seal_roots, entry_seals, sealed_rows TO ledger_app;
GRANT SELECT ON undone_seals TO ledger_app;
