-- Offers that customers saw, as the product's front end reports them.

CREATE TABLE offers_seen (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces,
    key text COLLATE "C" NOT NULL CONSTRAINT offers_seen_key_length CHECK (length(key) BETWEEN 1 AND 255),
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, key)
);
CREATE INDEX offers_seen_by_time ON offers_seen (workspace_id, at);

INSERT INTO table_kinds (table_name, kind, key_column) VALUES ('offers_seen', 'workspace', 'workspace_id');

-- grants
GRANT SELECT, INSERT ON offers_seen TO ledger_app;
