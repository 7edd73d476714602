-- Cohorts, newest first. resumable: it did not come to its end, and it is known how it would go on.
SELECT run_id, settings - 'plan' AS settings, status, results, author, at, finished_at,
       status IN ('running', 'failed') AND jsonb_exists(settings, 'plan') AS resumable
FROM cohort_runs ORDER BY recorded_at DESC, run_id LIMIT :most;
