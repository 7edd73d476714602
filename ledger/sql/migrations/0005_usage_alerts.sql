-- Usage alerts: thresholds and limits that a workspace reached, as metrics count them.

-- One row for each threshold or limit and epoch: the fact that metrics count. Other programs get an event.
CREATE TABLE usage_alerts (
    workspace_id text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    kind text COLLATE "C" NOT NULL
        CONSTRAINT usage_alerts_kind CHECK (kind IN ('used_80', 'used_90', 'used_100', 'plan_exhausted', 'limit_hit')),
    entry_no bigint NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    unmet_minutes bigint NOT NULL DEFAULT 0,
    notifies boolean NOT NULL DEFAULT coalesce(current_setting('ledger.books_the_past', true), '') <> 'on',
    PRIMARY KEY (workspace_id, epoch, kind),
    CONSTRAINT usage_alerts_entry_of_same_workspace FOREIGN KEY (workspace_id, entry_no) REFERENCES entries (workspace_id, entry_no)
);
CREATE INDEX usage_alerts_limit_hits ON usage_alerts (at) WHERE kind = 'limit_hit';

-- Whether a hit is the first of its workspace, and which comes next, is one step in this index.
CREATE INDEX usage_alerts_hits_of_workspace ON usage_alerts (workspace_id, at, epoch) WHERE kind = 'limit_hit';
CREATE INDEX usage_alerts_to_report ON usage_alerts (recorded_at) WHERE notifies;
CREATE INDEX usage_alerts_levels ON usage_alerts (kind, at) INCLUDE (workspace_id, epoch) WHERE kind IN ('used_80', 'used_90', 'used_100');

CREATE VIEW limit_hits AS
    SELECT workspace_id, epoch, entry_no, at, recorded_at, unmet_minutes FROM usage_alerts WHERE kind = 'limit_hit';

CREATE VIEW hit_facts AS
    SELECT c.workspace_id, c.epoch, c.at, c.unmet_minutes, w.source
    FROM usage_alerts c
    JOIN workspaces w ON w.workspace_id = c.workspace_id
    WHERE c.kind = 'limit_hit';

CREATE VIEW first_hits AS
    SELECT h.workspace_id, h.epoch, h.at, h.unmet_minutes, h.source
    FROM hit_facts h
    WHERE NOT EXISTS (
        SELECT 1 FROM usage_alerts earlier
        WHERE earlier.workspace_id = h.workspace_id AND earlier.kind = 'limit_hit'
          AND (earlier.at, earlier.epoch) < (h.at, h.epoch));
COMMENT ON VIEW first_hits IS 'The first time each workspace had nothing left, by business time.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('usage_alerts', 'workspace', 'workspace_id');

-- grants
GRANT SELECT, INSERT ON usage_alerts TO ledger_app;
GRANT SELECT ON limit_hits, hit_facts, first_hits TO ledger_app;
