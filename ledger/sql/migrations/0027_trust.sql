-- Alerts: any channel, and money in each currency apart.

ALTER TABLE metric_alerts DROP CONSTRAINT metric_alerts_channel;
ALTER TABLE metric_alerts ADD CONSTRAINT metric_alerts_channel CHECK (channel ~ '^[a-z]{2,20}$');
ALTER TABLE metric_alert_history ADD COLUMN currency text COLLATE "C" NOT NULL DEFAULT '';
COMMENT ON COLUMN metric_alert_history.currency IS 'Of an amount of money; empty for every other unit.';
ALTER TABLE metric_alert_history DROP CONSTRAINT metric_alert_history_pkey;
ALTER TABLE metric_alert_history ADD PRIMARY KEY (alert_id, currency, at);
