UPDATE pricing_readings SET share = 1, fingerprint = :fingerprint, error = :error, ended_at = :at
WHERE source = :source AND up_to = coalesce(CAST(:up_to AS timestamptz), 'infinity');
