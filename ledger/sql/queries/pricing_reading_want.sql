-- Ask for a reading; one that is under way is not asked for again, unless whoever began it has been silent for too long.
INSERT INTO pricing_readings (source, up_to, wanted_at) VALUES (:source, coalesce(CAST(:up_to AS timestamptz), 'infinity'), :at)
ON CONFLICT (source, up_to) DO UPDATE
    SET wanted_at = EXCLUDED.wanted_at, begun_at = NULL, share = 0, fingerprint = NULL, error = NULL, ended_at = NULL
    WHERE pricing_readings.ended_at IS NOT NULL;
