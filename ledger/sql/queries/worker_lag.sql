-- Seconds since the oldest thing that waits for the worker became due; 0 when nothing waits.
SELECT greatest(0, extract(epoch FROM CAST(:at AS timestamptz) - least(
    (SELECT min(next_attempt_at) FROM stripe_events),
    (SELECT min(c.next_attempt_at) FROM crossings c WHERE c.delivery = 'pending'
        AND EXISTS (SELECT FROM warning_endpoint e WHERE e.enabled)),
    CAST(:at AS timestamptz)
)))
