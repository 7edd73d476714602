UPDATE pricing_readings SET share = least(greatest(:share, 0), 1)
WHERE source = :source AND up_to = coalesce(CAST(:up_to AS timestamptz), 'infinity') AND ended_at IS NULL;
