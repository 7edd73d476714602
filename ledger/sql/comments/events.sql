COMMENT ON COLUMN webhook_endpoints.endpoint_id IS 'Id of the endpoint.';
COMMENT ON COLUMN webhook_endpoints.url IS 'Address that events are posted to.';
COMMENT ON COLUMN webhook_endpoints.events IS 'Event types that it receives.';
COMMENT ON COLUMN webhook_endpoints.previous_until IS 'When the previous secret stops signing.';
COMMENT ON COLUMN webhook_endpoints.created_by IS 'Person or key that created it.';
COMMENT ON COLUMN webhook_endpoints.deleted_at IS 'When it was deleted; null while it receives.';
COMMENT ON COLUMN webhook_endpoints.deleted_by IS 'Person or key that deleted it.';
COMMENT ON CONSTRAINT webhook_endpoints_url_length ON webhook_endpoints IS 'An address is whole and not longer than servers accept.';
COMMENT ON CONSTRAINT webhook_endpoints_some_events ON webhook_endpoints IS 'An endpoint receives at least one type.';
COMMENT ON CONSTRAINT webhook_endpoints_secret_shape ON webhook_endpoints IS 'Secrets have the form of Standard Webhooks.';
COMMENT ON CONSTRAINT webhook_endpoints_previous_shape ON webhook_endpoints IS 'Secrets have the form of Standard Webhooks.';
COMMENT ON CONSTRAINT webhook_endpoints_previous_ends ON webhook_endpoints IS 'A replaced secret has an end.';

COMMENT ON COLUMN outgoing_events.workspace_id IS 'Workspace that the event is about; empty for an event of the whole installation.';
COMMENT ON COLUMN outgoing_events.event_no IS 'Number that orders events.';
COMMENT ON COLUMN outgoing_events.type IS 'Event type.';
COMMENT ON COLUMN outgoing_events.at IS 'Business time of its cause.';
COMMENT ON COLUMN outgoing_events.data IS 'Body of the event, as JSON.';

COMMENT ON COLUMN event_deliveries.workspace_id IS 'Workspace of the event.';
COMMENT ON COLUMN event_deliveries.event_no IS 'Event to deliver.';
COMMENT ON COLUMN event_deliveries.endpoint_id IS 'Endpoint that receives it.';
COMMENT ON COLUMN event_deliveries.state IS 'pending, delivered or dead (given up).';
COMMENT ON COLUMN event_deliveries.attempts IS 'Delivery attempts so far.';
COMMENT ON COLUMN event_deliveries.next_attempt_at IS 'When delivery is tried next.';
COMMENT ON CONSTRAINT event_deliveries_state ON event_deliveries IS 'Every state has a defined next step.';
COMMENT ON CONSTRAINT event_deliveries_endpoint_id_fkey ON event_deliveries IS 'The endpoint exists.';
COMMENT ON CONSTRAINT event_deliveries_event ON event_deliveries IS 'The event exists; its deliveries go with it.';

COMMENT ON COLUMN event_attempts.workspace_id IS 'Workspace of the event.';
COMMENT ON COLUMN event_attempts.event_no IS 'Event that was sent.';
COMMENT ON COLUMN event_attempts.endpoint_id IS 'Endpoint that it was sent to.';
COMMENT ON COLUMN event_attempts.attempt IS 'Number of the attempt, from 1.';
COMMENT ON COLUMN event_attempts.at IS 'When it was sent.';
COMMENT ON COLUMN event_attempts.status IS 'HTTP status of the answer; null when there was none.';
COMMENT ON COLUMN event_attempts.error IS 'Why the attempt failed; null when it did not.';
COMMENT ON COLUMN event_attempts.milliseconds IS 'Time until the answer.';
COMMENT ON CONSTRAINT event_attempts_delivery ON event_attempts IS 'The delivery exists; its attempts go with it.';

COMMENT ON FUNCTION balance_of_entry IS 'Returns the balance after an entry, as events carry it.';
COMMENT ON FUNCTION emit_balance_event IS 'Emits the event of a credit or a deduction; none when no minutes moved.';
COMMENT ON FUNCTION emit_event IS 'Writes an event for the endpoints that receive its type; none for imported history.';
COMMENT ON FUNCTION balance_of_workspace IS 'Returns the balance of a workspace now, as events carry it.';
COMMENT ON FUNCTION emit_top_up_event IS 'Emits the event of what came of an auto top-up.';
COMMENT ON FUNCTION emit_purchase_event IS 'Emits the event of a purchase whose state changed.';
COMMENT ON FUNCTION emit_usage_event IS 'Emits the event of one usage alert.';

COMMENT ON COLUMN webhook_endpoints.approval_id IS 'Request for approval that the endpoint waits for, or waited for; null when none was needed.';
COMMENT ON COLUMN webhook_endpoints.approved_by IS 'Second person who approved it; until then it gets no events.';
COMMENT ON CONSTRAINT webhook_endpoints_need_a_second_person ON webhook_endpoints IS 'Nobody approves their own address.';
