-- An estimate belongs to what was known when it is read: one asked for as of a past moment is another than that of the present.

ALTER TABLE metric_fits ADD COLUMN known_at timestamptz NOT NULL DEFAULT 'infinity';
ALTER TABLE metric_fits DROP CONSTRAINT metric_fits_pkey;
ALTER TABLE metric_fits ADD PRIMARY KEY (metric, source, plan, billing_cycle, starts_at, ends_at, known_at);
COMMENT ON COLUMN metric_fits.known_at IS 'As of when it was asked for; infinity: of the present, renewed as the data go on.';
