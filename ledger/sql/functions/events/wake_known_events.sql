-- Makes every event pending again whose workspace, customer, subscription or price has become known in whatever way.
-- What is known is read first: events stay with the coordinator of a cluster, and what they wait for is spread over it.
CREATE OR REPLACE FUNCTION wake_known_events(p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    wanted text[] := ARRAY(
        SELECT DISTINCT w.id FROM stripe_events e CROSS JOIN LATERAL unnest(e.waits_for) AS w (id)
        WHERE e.waits_for IS NOT NULL AND e.status IN ('failed', 'dead') AND e.raw IS NOT NULL);
    known text[];
    woken bigint;
BEGIN
    IF wanted = '{}' THEN
        RETURN 0;
    END IF;
    known := ARRAY(SELECT w.workspace_id FROM workspaces w WHERE w.workspace_id = ANY(wanted))
          || ARRAY(SELECT o.object_id FROM payment_objects o WHERE o.object_id = ANY(wanted))
          || ARRAY(SELECT p.price_id FROM plan_prices p WHERE p.price_id = ANY(wanted))
          || ARRAY(SELECT p.price_id FROM other_prices p WHERE p.price_id = ANY(wanted));
    UPDATE stripe_events e SET status = 'pending', attempts = 0, next_attempt_at = p_at, finished_at = NULL, error = NULL, waits_for = NULL
    WHERE e.waits_for IS NOT NULL AND e.status IN ('failed', 'dead') AND e.raw IS NOT NULL AND e.waits_for && known;
    GET DIAGNOSTICS woken = ROW_COUNT;
    RETURN woken;
END $$;
