-- The built-in Stripe used when there is no key. It stands for another company's database: nothing here refers to
-- our tables and nothing of ours refers to it, so that both sides can disagree as they can in reality.

-- Everything Stripe would call an object: payment intents, charges, refunds, disputes, subscriptions ...
CREATE TABLE sandbox_objects (
    id text COLLATE "C" PRIMARY KEY,
    object text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    object_no bigint GENERATED ALWAYS AS IDENTITY,
    link text COLLATE "C",
    due bigint,
    body jsonb NOT NULL
);
COMMENT ON COLUMN sandbox_objects.created IS 'Unix seconds by the clock of the sandbox.';
COMMENT ON COLUMN sandbox_objects.object_no IS 'Order of creation within one second.';
COMMENT ON COLUMN sandbox_objects.link IS 'The one object by which this one is looked up: payment of a refund, customer of a subscription ...';
COMMENT ON COLUMN sandbox_objects.due IS 'When something happens to it by itself: renewal, late failure, expiry.';
CREATE INDEX sandbox_objects_newest ON sandbox_objects (object, created, object_no);
CREATE INDEX sandbox_objects_by_link ON sandbox_objects (link, object, created, object_no) WHERE link IS NOT NULL;
CREATE INDEX sandbox_objects_due ON sandbox_objects (due) WHERE due IS NOT NULL;

-- Events with the exact bytes that are signed and delivered.
CREATE TABLE sandbox_events (
    id text COLLATE "C" PRIMARY KEY,
    type text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    event_no bigint GENERATED ALWAYS AS IDENTITY,
    raw text NOT NULL,
    due bigint,
    attempts integer NOT NULL DEFAULT 0,
    delivered_at timestamptz
);
COMMENT ON COLUMN sandbox_events.due IS 'Next delivery; null: delivered, or nobody listens.';
CREATE INDEX sandbox_events_newest ON sandbox_events (created, event_no);
CREATE INDEX sandbox_events_due ON sandbox_events (due, event_no) WHERE due IS NOT NULL;

-- Idempotency keys: the first answer is the answer.
CREATE TABLE sandbox_requests (
    key text COLLATE "C" PRIMARY KEY,
    fingerprint text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    status integer,
    answer jsonb
);
CREATE INDEX sandbox_requests_oldest ON sandbox_requests (created);
COMMENT ON COLUMN sandbox_requests.status IS 'Null only inside the transaction that is answering.';

CREATE TABLE sandbox_state (
    one_row boolean PRIMARY KEY DEFAULT true CONSTRAINT sandbox_state_one_row CHECK (one_row),
    webhook_secret text NOT NULL,
    ahead_seconds bigint NOT NULL DEFAULT 0,
    faults jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN sandbox_state.webhook_secret IS 'Signs the events of this sandbox; random, worthless anywhere else.';
COMMENT ON COLUMN sandbox_state.ahead_seconds IS 'How far its clock was advanced.';
COMMENT ON COLUMN sandbox_state.faults IS 'Planned faults and how many requests each still hits.';

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('sandbox_objects', 'local', 'id'),
    ('sandbox_events', 'local', 'id'),
    ('sandbox_requests', 'local', 'key'),
    ('sandbox_state', 'local', 'one_row');

-- grants
GRANT SELECT, INSERT, UPDATE ON sandbox_objects, sandbox_events, sandbox_state TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sandbox_requests TO ledger_app;
