-- Restore drills: how each backup that was restored beside the database turned out.

CREATE TABLE restore_drills (
    drill_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    host text NOT NULL,
    seconds double precision NOT NULL CONSTRAINT restore_drills_seconds_positive CHECK (seconds >= 0),
    findings integer NOT NULL CONSTRAINT restore_drills_findings_positive CHECK (findings >= 0),
    root_no bigint,
    error text,
    CONSTRAINT restore_drills_findings_are_failures CHECK (findings = 0 OR error IS NOT NULL)
);

INSERT INTO table_kinds (table_name, kind, key_column) VALUES ('restore_drills', 'local', 'drill_no');

-- grants
GRANT SELECT, INSERT ON restore_drills TO ledger_app;
