-- Who is notified of which alerts and reports, by which channel, and what was sent.

CREATE TABLE alert_subscriptions (
    alert_id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CONSTRAINT alert_subscriptions_kind CHECK (kind IN ('metric', 'usage', 'payment', 'report')),
    source text COLLATE "C" NOT NULL,
    metric text COLLATE "C",
    days integer CONSTRAINT alert_subscriptions_days CHECK (days BETWEEN 1 AND 730),
    direction text CONSTRAINT alert_subscriptions_direction CHECK (direction IN ('below', 'above')),
    threshold numeric,
    page text,
    query text,
    every text CONSTRAINT alert_subscriptions_every CHECK (every IN ('week', 'month')),
    channel text NOT NULL CONSTRAINT alert_subscriptions_channel CHECK (channel ~ '^[a-z]{2,20}$'),
    target text NOT NULL CONSTRAINT alert_subscriptions_target_length CHECK (length(target) BETWEEN 3 AND 2000),
    secret text CONSTRAINT alert_subscriptions_secret_shape CHECK (secret LIKE 'whsec_%'),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    checked_at timestamptz,
    beyond boolean NOT NULL DEFAULT false,
    stopped_at timestamptz,
    approval_id uuid,
    approved_by text,
    CONSTRAINT alert_subscriptions_need_a_second_person CHECK (approved_by <> created_by),
    CONSTRAINT alert_subscriptions_metric_whole
        CHECK (num_nonnulls(metric, days, direction, threshold) = CASE kind WHEN 'metric' THEN 4 ELSE 0 END),
    CONSTRAINT alert_subscriptions_report_whole
        CHECK (num_nonnulls(page, query, every) = CASE kind WHEN 'report' THEN 3 ELSE 0 END)
);
COMMENT ON COLUMN alert_subscriptions.beyond IS 'Whether the last check was beyond the threshold: an alert is sent when that begins and when it ends.';
COMMENT ON COLUMN alert_subscriptions.secret IS 'Standard Webhooks secret; null for other channels, and for webhooks from before they were signed.';

COMMENT ON COLUMN alert_subscriptions.approval_id IS 'The request by which it waits for a second person; nothing is sent before approved_by is set.';

-- One message on its way: a metric that crossed its threshold, a digest of the usage or payment alerts of one pass, or a report.
CREATE TABLE alert_messages (
    alert_id uuid NOT NULL REFERENCES alert_subscriptions,
    at timestamptz NOT NULL,
    value numeric,
    beyond boolean,
    digest jsonb,
    delivered_at timestamptz,
    error text,
    currency text COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (alert_id, currency, at),
    CONSTRAINT alert_messages_one_content CHECK (num_nonnulls(value, digest) = 1 AND (value IS NULL) = (beyond IS NULL))
);

-- What a subscription has reported: alerts, or periods. Usage alerts leave once they are too old to be read again.
CREATE TABLE alert_reports (
    alert_id uuid NOT NULL REFERENCES alert_subscriptions,
    item text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (alert_id, item)
);

INSERT INTO table_kinds (table_name, kind, key_column) VALUES
    ('alert_subscriptions', 'local', 'alert_id'),
    ('alert_messages', 'local', 'alert_id'),
    ('alert_reports', 'local', 'alert_id');

-- grants
GRANT SELECT, INSERT, UPDATE ON alert_subscriptions TO ledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON alert_messages TO ledger_app;
GRANT SELECT, INSERT, DELETE ON alert_reports TO ledger_app;
