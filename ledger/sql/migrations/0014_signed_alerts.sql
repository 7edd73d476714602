-- Alerts that go to a program are signed, each with a secret of its own: who receives one could otherwise sign for the others.

ALTER TABLE metric_alerts ADD COLUMN secret text CONSTRAINT metric_alerts_secret_shape CHECK (secret LIKE 'whsec_%');
COMMENT ON COLUMN metric_alerts.secret IS 'Standard Webhooks secret; null for e-mail, and for webhooks from before they were signed.';
