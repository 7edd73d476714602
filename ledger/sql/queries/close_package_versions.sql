-- Takes the versions of one code and arm off sale from a moment on.
UPDATE extra_minutes_packages SET valid_to = greatest(CAST(:at AS timestamptz), valid_from)
WHERE code = :code AND arm = :arm AND (valid_to IS NULL OR valid_to > :at);
