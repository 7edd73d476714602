-- Notes that a cohort begins to buy; the same id again changes nothing.
INSERT INTO cohort_runs (run_id, settings, author, at) VALUES (:run_id, CAST(:settings AS jsonb), :author, :at)
ON CONFLICT (run_id) DO NOTHING;
