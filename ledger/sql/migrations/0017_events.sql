-- Events out: what happened, which endpoints want to know, and how every delivery went.

-- Endpoints of other programs. Two secrets sign while one replaces the other.
CREATE TABLE webhook_endpoints (
    endpoint_id uuid PRIMARY KEY,
    url text NOT NULL CONSTRAINT webhook_endpoints_url_length CHECK (length(url) BETWEEN 8 AND 2000),
    events text[] NOT NULL CONSTRAINT webhook_endpoints_some_events CHECK (cardinality(events) > 0),
    secret text NOT NULL CONSTRAINT webhook_endpoints_secret_shape CHECK (secret LIKE 'whsec_%'),
    previous_secret text CONSTRAINT webhook_endpoints_previous_shape CHECK (previous_secret LIKE 'whsec_%'),
    previous_until timestamptz,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    deleted_at timestamptz,
    deleted_by text,
    approval_id uuid,
    approved_by text,
    CONSTRAINT webhook_endpoints_need_a_second_person CHECK (approved_by <> created_by),
    CONSTRAINT webhook_endpoints_previous_ends CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
);
COMMENT ON TABLE webhook_endpoints IS 'Addresses of other programs that events are posted to, each with the types it wants.';
COMMENT ON COLUMN webhook_endpoints.secret IS 'Standard Webhooks secret; readable because every message is signed with it.';
COMMENT ON COLUMN webhook_endpoints.previous_secret IS 'The secret before this one; signs too until previous_until.';

-- One row for each event that at least one endpoint wanted when it happened.
CREATE TABLE outgoing_events (
    workspace_id text COLLATE "C" NOT NULL,
    event_no bigint GENERATED ALWAYS AS IDENTITY,
    type text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    data jsonb NOT NULL,
    PRIMARY KEY (workspace_id, event_no)
);
COMMENT ON TABLE outgoing_events IS 'Events for other programs, written in the transaction of their cause; in order within a workspace.';

CREATE TABLE event_deliveries (
    workspace_id text COLLATE "C" NOT NULL,
    event_no bigint NOT NULL,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints,
    state text NOT NULL DEFAULT 'pending' CONSTRAINT event_deliveries_state CHECK (state IN ('pending', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    delivered_at timestamptz,
    PRIMARY KEY (workspace_id, endpoint_id, event_no),
    CONSTRAINT event_deliveries_event FOREIGN KEY (workspace_id, event_no) REFERENCES outgoing_events (workspace_id, event_no) ON DELETE CASCADE
);
COMMENT ON TABLE event_deliveries IS 'How far each event got at each endpoint that wants it.';
CREATE INDEX event_deliveries_dead ON event_deliveries (event_no) WHERE state = 'dead';
CREATE INDEX event_deliveries_due ON event_deliveries (next_attempt_at) WHERE state = 'pending';
CREATE INDEX event_deliveries_waiting ON event_deliveries (workspace_id, endpoint_id, event_no) WHERE state = 'pending';
CREATE INDEX event_deliveries_of_endpoint ON event_deliveries (endpoint_id, event_no);

CREATE TABLE event_attempts (
    workspace_id text COLLATE "C" NOT NULL,
    event_no bigint NOT NULL,
    endpoint_id uuid NOT NULL,
    attempt integer NOT NULL,
    at timestamptz NOT NULL,
    status integer,
    answer text NOT NULL DEFAULT '',
    error text,
    milliseconds integer NOT NULL,
    PRIMARY KEY (workspace_id, endpoint_id, event_no, attempt, at),
    CONSTRAINT event_attempts_delivery FOREIGN KEY (workspace_id, endpoint_id, event_no)
        REFERENCES event_deliveries (workspace_id, endpoint_id, event_no) ON DELETE CASCADE
);
COMMENT ON TABLE event_attempts IS 'The delivery log: what the endpoint answered each time.';
COMMENT ON COLUMN event_attempts.answer IS 'The first 1,000 characters of the answer.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('webhook_endpoints', 'reference', 'endpoint_id'),
    ('outgoing_events', 'workspace', 'workspace_id'),
    ('event_deliveries', 'workspace', 'workspace_id'),
    ('event_attempts', 'workspace', 'workspace_id');

-- grants
GRANT SELECT, INSERT, UPDATE (secret, previous_secret, previous_until, deleted_at, deleted_by, approved_by) ON webhook_endpoints TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON event_deliveries TO ledger_app;
GRANT SELECT, INSERT, DELETE ON outgoing_events TO ledger_app;
GRANT SELECT, INSERT ON event_attempts TO ledger_app;
