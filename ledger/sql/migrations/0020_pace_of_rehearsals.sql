-- Rehearsals keep one pace together, whoever started them: the next purchase of any of them waits until next_at has passed.
ALTER TABLE cohort_runs ADD COLUMN next_at timestamptz;
COMMENT ON COLUMN cohort_runs.next_at IS 'Until then no other purchase of a rehearsal is made in this installation.';
COMMENT ON COLUMN cohort_runs.settings IS 'How it was set; plan: who decides what with which card, so that an interrupted run can go on.';

-- grants
GRANT UPDATE (next_at) ON cohort_runs TO ledger_app;
