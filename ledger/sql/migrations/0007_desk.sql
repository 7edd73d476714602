-- The support desk: who may sign in or call the API, what they may give away, what they did, and what waits for approval.

CREATE TABLE staff (
    email text COLLATE "C" NOT NULL PRIMARY KEY,
    name text NOT NULL,
    role text COLLATE "C" NOT NULL,
    issuer text COLLATE "C",
    subject text COLLATE "C",
    added_at timestamptz NOT NULL,
    added_by text NOT NULL,
    disabled_at timestamptz,
    CONSTRAINT staff_email_is_lower_case CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    CONSTRAINT staff_has_a_known_role CHECK (role IN ('viewer', 'support', 'pricing', 'admin')),
    CONSTRAINT staff_identity_is_whole CHECK ((issuer IS NULL) = (subject IS NULL))
);
CREATE UNIQUE INDEX staff_by_identity ON staff (issuer, subject) WHERE issuer IS NOT NULL;

-- A sign-in of one browser. Only the digest of its cookie is here: the table opens nothing.
CREATE TABLE sign_in_sessions (
    session_id bytea NOT NULL PRIMARY KEY CONSTRAINT sign_in_sessions_id_length CHECK (length(session_id) = 32),
    email text COLLATE "C",
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    address text NOT NULL,
    browser text NOT NULL CONSTRAINT sign_in_sessions_browser_length CHECK (length(browser) <= 300),
    ended_at timestamptz,
    ended_because text COLLATE "C" CONSTRAINT sign_in_sessions_end_is_known CHECK (
        ended_because IN ('signed_out', 'signed_out_everywhere', 'role_changed', 'deactivated', 'ended_by_administrator')),
    CONSTRAINT sign_in_sessions_end_has_a_reason CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX sign_in_sessions_of_person ON sign_in_sessions (email) WHERE ended_at IS NULL;
CREATE INDEX sign_in_sessions_by_age ON sign_in_sessions (started_at);

-- What one role may give away without a second person, in minutes and in cents.
CREATE TABLE staff_limits (
    role text COLLATE "C" NOT NULL PRIMARY KEY,
    minutes_per_grant bigint NOT NULL,
    minutes_per_day bigint NOT NULL,
    cents_per_refund bigint NOT NULL,
    cents_per_day bigint NOT NULL,
    CONSTRAINT staff_limits_are_not_negative CHECK (
        minutes_per_grant >= 0 AND minutes_per_day >= 0 AND cents_per_refund >= 0 AND cents_per_day >= 0
    )
);
INSERT INTO staff_limits (role, minutes_per_grant, minutes_per_day, cents_per_refund, cents_per_day) VALUES
    ('viewer', 0, 0, 0, 0),
    ('support', 300, 1500, 6000, 30000),
    ('pricing', 0, 0, 0, 0),
    ('admin', 3000, 15000, 60000, 300000);

-- Every action of staff. The application may add and read, never change or remove.
CREATE TABLE audit (
    audit_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    role text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C",
    subject text,
    minutes bigint,
    amount_cents bigint,
    before jsonb NOT NULL DEFAULT '{}',
    after jsonb NOT NULL DEFAULT '{}',
    reason text NOT NULL DEFAULT '',
    request_id text COLLATE "C" NOT NULL
);
CREATE INDEX audit_by_workspace ON audit (workspace_id, audit_no) WHERE workspace_id IS NOT NULL;
CREATE INDEX audit_by_actor ON audit (actor, at);
CREATE UNIQUE INDEX audit_of_request ON audit (request_id, action);

-- A request that is above somebody's limit and waits for another person.
CREATE TABLE approvals (
    approval_id uuid NOT NULL PRIMARY KEY,
    action text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C",
    body jsonb NOT NULL,
    minutes bigint NOT NULL DEFAULT 0,
    amount_cents bigint NOT NULL DEFAULT 0,
    reason text NOT NULL,
    requested_by text NOT NULL,
    requested_role text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'waiting',
    decided_by text,
    decided_at timestamptz,
    decision_reason text,
    CONSTRAINT approvals_state_is_known CHECK (state IN ('waiting', 'accepted', 'rejected')),
    CONSTRAINT approvals_need_a_second_person CHECK (decided_by <> requested_by),
    CONSTRAINT approvals_are_decided_whole CHECK (
        (state = 'waiting') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)
    )
);
CREATE INDEX approvals_waiting ON approvals (requested_at) WHERE state = 'waiting';
CREATE INDEX approvals_by_workspace ON approvals (workspace_id, requested_at);

CREATE TABLE notes (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (workspace_id),
    note_id uuid NOT NULL,
    text text NOT NULL,
    author text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, note_id),
    CONSTRAINT notes_say_something CHECK (length(btrim(text)) BETWEEN 1 AND 10000)
);

-- What one member of staff opened lately, and what they pinned.
CREATE TABLE opened_workspaces (
    operator text NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    opened_at timestamptz NOT NULL,
    pinned_at timestamptz,
    PRIMARY KEY (operator, workspace_id)
);
CREATE INDEX opened_workspaces_lately ON opened_workspaces (operator, opened_at);

-- A bulk grant: one list of grants, checked first, then given row by row.
CREATE TABLE grant_batches (
    batch_id uuid NOT NULL PRIMARY KEY,
    title text NOT NULL,
    reason text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    needs_approval boolean NOT NULL,
    approved_by text,
    undone_by text,
    CONSTRAINT grant_batches_need_a_second_person CHECK (approved_by <> created_by)
);

CREATE TABLE grant_batch_rows (
    batch_id uuid NOT NULL,
    row_no int NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    minutes bigint NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'waiting',
    problem text,
    lot_id bigint,
    undone_minutes bigint,
    PRIMARY KEY (batch_id, row_no),
    CONSTRAINT grant_batch_rows_state_is_known CHECK (state IN ('waiting', 'granted', 'refused', 'undone'))
);

CREATE TABLE api_keys (
    key_id text COLLATE "C" PRIMARY KEY CONSTRAINT api_keys_id_shape CHECK (key_id ~ '^[0-9a-f]{12}$'),
    name text NOT NULL CONSTRAINT api_keys_name_length CHECK (length(name) BETWEEN 1 AND 100),
    secret_hash bytea NOT NULL CONSTRAINT api_keys_hash_length CHECK (length(secret_hash) = 32),
    scopes text[] NOT NULL CONSTRAINT api_keys_scopes CHECK (
        cardinality(scopes) > 0
        AND scopes <@ ARRAY['usage:write', 'purchases:write', 'workspaces:write', 'webhooks:write', 'metrics:read',
                            'balance:read', 'customers:read', 'operations:read']),
    requests_per_minute integer CONSTRAINT api_keys_limit_positive CHECK (requests_per_minute > 0),
    grant_minutes_per_day integer NOT NULL CONSTRAINT api_keys_cap_not_negative CHECK (grant_minutes_per_day >= 0),
    workspace_id text COLLATE "C",
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    approval_id uuid,
    approved_by text,
    CONSTRAINT api_keys_revoked_by_someone CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CONSTRAINT api_keys_need_a_second_person CHECK (approved_by <> created_by)
);
COMMENT ON COLUMN api_keys.secret_hash IS 'SHA-256 of the secret part; the secret itself is random, shown once and never stored.';
COMMENT ON COLUMN api_keys.requests_per_minute IS 'Null: no limit.';

-- The current minute of each limited key. Lost in a crash without harm, so it is not written to the log.
CREATE UNLOGGED TABLE api_key_windows (
    key_id text COLLATE "C" PRIMARY KEY,
    started_at timestamptz NOT NULL,
    requests integer NOT NULL
);

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('staff', 'local', 'email'),
    ('sign_in_sessions', 'local', 'session_id'),
    ('staff_limits', 'local', 'role'),
    ('audit', 'local', 'audit_no'),
    ('approvals', 'local', 'approval_id'),
    ('notes', 'workspace', 'workspace_id'),
    ('opened_workspaces', 'local', 'operator'),
    ('grant_batches', 'local', 'batch_id'),
    ('grant_batch_rows', 'local', 'batch_id'),
    ('api_keys', 'local', 'key_id'),
    ('api_key_windows', 'local', 'key_id');

-- grants
GRANT SELECT, INSERT, UPDATE (name, role, issuer, subject, disabled_at) ON staff TO ledger_app;
GRANT SELECT, INSERT, UPDATE (email, seen_at, ended_at, ended_because), DELETE ON sign_in_sessions TO ledger_app;
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, decision_reason) ON approvals TO ledger_app;
GRANT SELECT, INSERT, UPDATE (approved_by, undone_by) ON grant_batches TO ledger_app;
GRANT SELECT, INSERT, UPDATE (state, problem, lot_id, undone_minutes) ON grant_batch_rows TO ledger_app;
GRANT SELECT, UPDATE (minutes_per_grant, minutes_per_day, cents_per_refund, cents_per_day) ON staff_limits TO ledger_app;
GRANT SELECT ON audit TO ledger_app;
GRANT SELECT, INSERT, DELETE ON notes TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON opened_workspaces TO ledger_app;
GRANT SELECT, INSERT, UPDATE (last_used_at, revoked_at, revoked_by, requests_per_minute, approved_by) ON api_keys TO ledger_app;
GRANT SELECT, INSERT, UPDATE ON api_key_windows TO ledger_app;
