-- Lets a run that was interrupted, or broke, go on where it was.
UPDATE cohort_runs SET status = 'running', results = NULL, finished_at = NULL
WHERE run_id = :run_id AND status IN ('running', 'failed') AND jsonb_exists(settings, 'plan')
RETURNING run_id, settings, status, results, author, at, finished_at, true AS resumable;
