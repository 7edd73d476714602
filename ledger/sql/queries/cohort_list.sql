-- Cohorts, newest first.
SELECT run_id, settings, status, results, author, at, finished_at FROM cohort_runs ORDER BY recorded_at DESC, run_id LIMIT :most;
