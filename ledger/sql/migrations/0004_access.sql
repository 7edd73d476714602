-- Which programs may reach the ledger, and where warnings are sent.

CREATE TABLE api_keys (
    key_id text COLLATE "C" PRIMARY KEY CONSTRAINT api_keys_id_shape CHECK (key_id ~ '^[0-9a-f]{12}$'),
    name text NOT NULL CONSTRAINT api_keys_name_length CHECK (length(name) BETWEEN 1 AND 100),
    secret_hash bytea NOT NULL CONSTRAINT api_keys_hash_length CHECK (length(secret_hash) = 32),
    scopes text[] NOT NULL CONSTRAINT api_keys_scopes CHECK (
        cardinality(scopes) > 0
        AND scopes <@ ARRAY['usage:write', 'purchases:write', 'workspaces:write', 'metrics:read', 'balance:read']),
    requests_per_minute integer CONSTRAINT api_keys_limit_positive CHECK (requests_per_minute > 0),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    CONSTRAINT api_keys_revoked_by_someone CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
COMMENT ON COLUMN api_keys.secret_hash IS 'SHA-256 of the secret part; the secret itself is random, shown once and never stored.';
COMMENT ON COLUMN api_keys.requests_per_minute IS 'Null: no limit.';

-- The current minute of each limited key. Lost in a crash without harm, so it is not written to the log.
CREATE UNLOGGED TABLE api_key_windows (
    key_id text COLLATE "C" PRIMARY KEY,
    started_at timestamptz NOT NULL,
    requests integer NOT NULL
);

-- Where crossings are sent. One row, so that address and secret change together.
CREATE TABLE warning_endpoint (
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT warning_endpoint_is_one CHECK (singleton),
    url text NOT NULL CONSTRAINT warning_endpoint_url_length CHECK (length(url) BETWEEN 8 AND 2000),
    secret text NOT NULL CONSTRAINT warning_endpoint_secret_shape CHECK (secret LIKE 'whsec_%'),
    enabled boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);
COMMENT ON COLUMN warning_endpoint.secret IS 'Standard Webhooks secret; kept readable because every message is signed with it.';

-- The outbox as people read it: newest first, and what was given up.
CREATE INDEX crossings_recorded ON crossings (recorded_at, workspace_id, epoch, kind);
CREATE INDEX crossings_dead ON crossings (recorded_at) WHERE delivery = 'dead';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('api_keys', 'local', 'key_id'),
    ('api_key_windows', 'local', 'key_id'),
    ('warning_endpoint', 'local', 'singleton');

-- grants
GRANT SELECT, INSERT, UPDATE (last_used_at, revoked_at, revoked_by, requests_per_minute) ON api_keys TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON api_key_windows, warning_endpoint TO ledger_app;
