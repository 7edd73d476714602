COMMENT ON TABLE offers_seen IS 'Each time the packages were shown to a customer, as reported by the front end.';
COMMENT ON COLUMN offers_seen.workspace_id IS 'Workspace whose customer saw the offer.';
COMMENT ON COLUMN offers_seen.key IS 'Idempotency key of the report.';
COMMENT ON COLUMN offers_seen.at IS 'When it was shown.';
COMMENT ON COLUMN offers_seen.recorded_at IS 'When it was reported.';
COMMENT ON CONSTRAINT offers_seen_workspace_id_fkey ON offers_seen IS 'The workspace exists.';
COMMENT ON CONSTRAINT offers_seen_key_length ON offers_seen IS 'A key has 1 to 255 characters.';
