-- Closes a cohort once, with what came of it.
UPDATE cohort_runs SET status = :status, results = CAST(:results AS jsonb), finished_at = :at
WHERE run_id = :run_id AND status = 'running';
