SELECT wanted_at, begun_at, share, fingerprint, error, ended_at FROM pricing_readings
WHERE source = :source AND up_to = coalesce(CAST(:up_to AS timestamptz), 'infinity');
