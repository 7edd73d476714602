-- Usage alerts: thresholds and limits that a workspace reached, and where they are sent.

-- One row for each threshold or limit and epoch: the fact that metrics count and the outbox of alerts in one.
CREATE TABLE usage_alerts (
    workspace_id text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    kind text COLLATE "C" NOT NULL
        CONSTRAINT usage_alerts_kind CHECK (kind IN ('used_80', 'used_90', 'used_100', 'plan_exhausted', 'limit_hit')),
    entry_no bigint NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    unmet_minutes bigint NOT NULL DEFAULT 0,
    delivery text NOT NULL DEFAULT 'pending'
        CONSTRAINT usage_alerts_delivery CHECK (delivery IN ('pending', 'delivered', 'dead', 'off')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    delivered_at timestamptz,
    last_error text,
    PRIMARY KEY (workspace_id, epoch, kind),
    CONSTRAINT usage_alerts_entry_of_same_workspace FOREIGN KEY (workspace_id, entry_no) REFERENCES entries (workspace_id, entry_no)
);
CREATE INDEX usage_alerts_undelivered ON usage_alerts (next_attempt_at) WHERE delivery = 'pending';
CREATE INDEX usage_alerts_limit_hits ON usage_alerts (at) WHERE kind = 'limit_hit';

-- The outbox as people read it: newest first, and what was given up.
CREATE INDEX usage_alerts_recorded ON usage_alerts (recorded_at, workspace_id, epoch, kind);
CREATE INDEX usage_alerts_dead ON usage_alerts (recorded_at) WHERE delivery = 'dead';

-- Whether a hit is the first of its workspace, and which comes next, is one step in this index.
CREATE INDEX usage_alerts_hits_of_workspace ON usage_alerts (workspace_id, at, epoch) WHERE kind = 'limit_hit';
CREATE INDEX usage_alerts_first_warnings ON usage_alerts (at) WHERE kind = 'used_80';

-- Where alerts are sent. One row, so that address and secret change together.
CREATE TABLE warning_endpoint (
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT warning_endpoint_is_one CHECK (singleton),
    url text NOT NULL CONSTRAINT warning_endpoint_url_length CHECK (length(url) BETWEEN 8 AND 2000),
    secret text NOT NULL CONSTRAINT warning_endpoint_secret_shape CHECK (secret LIKE 'whsec_%'),
    enabled boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    sends_plan_exhausted boolean NOT NULL DEFAULT false
);
COMMENT ON COLUMN warning_endpoint.secret IS 'Standard Webhooks secret; readable because every message is signed with it.';
COMMENT ON COLUMN warning_endpoint.sends_plan_exhausted IS 'Whether this receiver also gets the alert for the end of plan minutes.';

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
    ('usage_alerts', 'workspace', 'workspace_id'),
    ('warning_endpoint', 'local', 'singleton');

-- grants
GRANT SELECT, INSERT, UPDATE (delivery, attempts, next_attempt_at, delivered_at, last_error) ON usage_alerts TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON warning_endpoint TO ledger_app;
GRANT SELECT ON limit_hits, hit_facts, first_hits TO ledger_app;
