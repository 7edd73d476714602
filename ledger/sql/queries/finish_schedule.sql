UPDATE schedules SET finished_at = :at, error = CAST(:error AS text),
    succeeded_at = CASE WHEN CAST(:error AS text) IS NULL THEN :at ELSE succeeded_at END
WHERE name = :name;
