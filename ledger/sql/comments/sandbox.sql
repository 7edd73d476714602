COMMENT ON TABLE sandbox_objects IS 'Objects of the built-in Stripe sandbox; no table of the ledger refers to them.';
COMMENT ON COLUMN sandbox_objects.id IS 'Id in Stripe''s form.';
COMMENT ON COLUMN sandbox_objects.object IS 'Type of the object, such as charge.';
COMMENT ON COLUMN sandbox_objects.body IS 'The object, as the API returns it.';

COMMENT ON TABLE sandbox_events IS 'Events of the sandbox with the bytes that are signed and delivered.';
COMMENT ON COLUMN sandbox_events.id IS 'Event id in Stripe''s form.';
COMMENT ON COLUMN sandbox_events.type IS 'Event type.';
COMMENT ON COLUMN sandbox_events.created IS 'Unix seconds by the clock of the sandbox.';
COMMENT ON COLUMN sandbox_events.event_no IS 'Order of creation within one second.';
COMMENT ON COLUMN sandbox_events.raw IS 'Exact bytes that are signed.';
COMMENT ON COLUMN sandbox_events.attempts IS 'Delivery attempts so far.';

COMMENT ON TABLE sandbox_requests IS 'Idempotency keys of the sandbox with their first answers.';
COMMENT ON COLUMN sandbox_requests.key IS 'Idempotency key of the request.';
COMMENT ON COLUMN sandbox_requests.fingerprint IS 'Hash of the parameters.';
COMMENT ON COLUMN sandbox_requests.created IS 'Unix seconds by the clock of the sandbox.';
COMMENT ON COLUMN sandbox_requests.answer IS 'First answer, as JSON.';

COMMENT ON TABLE sandbox_state IS 'Settings of the sandbox: one row.';
COMMENT ON COLUMN sandbox_state.one_row IS 'Always true.';
COMMENT ON CONSTRAINT sandbox_state_one_row ON sandbox_state IS 'There is one sandbox.';
