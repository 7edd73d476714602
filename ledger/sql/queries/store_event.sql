-- No row comes back when the event is stored already.
INSERT INTO stripe_events
    (event_id, type, api_version, livemode, source, object_id, created, received_at, delivered_by, raw, sha256, status, next_attempt_at,
     finished_at, effect)
VALUES (:event_id, :type, :api_version, :livemode, :source, :object_id, :created, :at, :delivered_by, :raw, :sha256, :status,
        CASE :status WHEN 'pending' THEN CAST(:at AS timestamptz) END,
        CASE :status WHEN 'pending' THEN NULL ELSE CAST(:at AS timestamptz) END, :effect)
ON CONFLICT (event_id) DO NOTHING
RETURNING event_id, status;
