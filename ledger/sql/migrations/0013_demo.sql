-- The made-up company of a demo database. A row here marks the database as a demo database.

CREATE TABLE demo_history (
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT demo_history_is_one CHECK (singleton),
    story integer NOT NULL,
    workspaces integer NOT NULL CONSTRAINT demo_history_workspaces_positive CHECK (workspaces > 0),
    months integer NOT NULL CONSTRAINT demo_history_months_positive CHECK (months > 0),
    until date NOT NULL,
    seed bigint NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
COMMENT ON COLUMN demo_history.story IS 'Version of the story teller: another one makes other data of the same arguments.';
COMMENT ON COLUMN demo_history.finished_at IS 'Null while it is being made, or when making it was interrupted: it can be continued.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('demo_history', 'local', 'singleton');

-- grants
GRANT SELECT, INSERT, UPDATE ON demo_history TO ledger_app;
