-- What Stripe sent, what people must resolve, and when the ledger was compared with Stripe.

-- What a person must look at; one row for each kind and object, closed by the end of its condition or by hand.
CREATE TABLE payment_alerts (
    alert_id text COLLATE "C" PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C",
    detail text NOT NULL,
    at timestamptz NOT NULL,
    due_at timestamptz,
    closed_at timestamptz,
    closed_by text,
    closed_because text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX payment_alerts_open ON payment_alerts (at) WHERE closed_at IS NULL;
CREATE INDEX payment_alerts_due ON payment_alerts (kind, due_at, at) WHERE closed_at IS NULL;
CREATE INDEX payment_alerts_workspace ON payment_alerts (workspace_id) WHERE workspace_id IS NOT NULL;
COMMENT ON COLUMN payment_alerts.closed_because IS 'The end of its condition, also of one that a person closed; null until then, and nothing reopens it.';

-- The inbox. An event is stored once, as it came; what it does is decided by re-reading Stripe.
CREATE TABLE stripe_events (
    event_id text COLLATE "C" PRIMARY KEY,
    type text COLLATE "C" NOT NULL,
    api_version text,
    livemode boolean NOT NULL,
    source text NOT NULL CONSTRAINT stripe_events_source CHECK (source IN ('live', 'stripe_test', 'sandbox')),
    object_id text COLLATE "C",
    created timestamptz,
    received_at timestamptz NOT NULL,
    delivered_by text NOT NULL CONSTRAINT stripe_events_delivered_by CHECK (delivered_by IN ('webhook', 'poller')),
    deliveries integer NOT NULL DEFAULT 1,
    raw bytea,
    sha256 text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CONSTRAINT stripe_events_status CHECK (
        status IN ('pending', 'processing', 'done', 'ignored', 'refused', 'failed', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    finished_at timestamptz,
    error text,
    effect text,
    workspace_id text COLLATE "C",
    waits_for text[],
    purged_at timestamptz,
    CONSTRAINT stripe_events_waiting_has_time CHECK (
        (status IN ('pending', 'processing', 'failed')) = (next_attempt_at IS NOT NULL))
);
CREATE INDEX stripe_events_due ON stripe_events (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX stripe_events_received ON stripe_events (received_at, event_id);
CREATE INDEX stripe_events_object ON stripe_events (object_id);
CREATE INDEX stripe_events_workspace ON stripe_events (workspace_id) WHERE workspace_id IS NOT NULL;
CREATE INDEX stripe_events_waiting ON stripe_events (received_at) WHERE waits_for IS NOT NULL;
CREATE INDEX stripe_events_unpurged ON stripe_events (received_at) WHERE purged_at IS NULL;
COMMENT ON COLUMN stripe_events.source IS 'Which Stripe it was delivered from: the one that is re-read.';
COMMENT ON COLUMN stripe_events.raw IS 'The body without client secrets and card data; null once purged.';
COMMENT ON COLUMN stripe_events.next_attempt_at IS 'When it may be worked on (again); while processing, when its worker is given up for dead.';
COMMENT ON COLUMN stripe_events.waits_for IS 'Ids of Stripe, prices or workspaces of which one must become known; the event then runs again by itself.';
COMMENT ON COLUMN stripe_events.sha256 IS 'Of the bytes as they came; stays when personal data is purged.';

CREATE TABLE reconciliations (
    reconciliation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    source text NOT NULL,
    actor text NOT NULL,
    checked_payments integer NOT NULL,
    checked_purchases integer NOT NULL,
    checked_invoices integer NOT NULL DEFAULT 0,
    repaired integer NOT NULL,
    findings jsonb NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX reconciliations_at ON reconciliations (at);

-- When each schedule of the worker last ran, and how that ended.
CREATE TABLE schedules (
    name text COLLATE "C" PRIMARY KEY,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    succeeded_at timestamptz,
    error text,
    mark text
);
COMMENT ON COLUMN schedules.mark IS 'How far it got, in its own words; the event poller keeps the time of the last event here.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('payment_alerts', 'own-key', 'alert_id'),
    ('stripe_events', 'local', 'event_id'),
    ('reconciliations', 'local', 'reconciliation_id'),
    ('schedules', 'local', 'name');

-- grants
GRANT SELECT, INSERT, UPDATE ON payment_alerts, stripe_events, schedules TO ledger_app;
GRANT SELECT, INSERT ON reconciliations TO ledger_app;
