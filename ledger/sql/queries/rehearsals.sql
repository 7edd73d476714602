-- name: cohort_begin
-- Records that a cohort starts buying; a repeated id changes nothing.
INSERT INTO cohort_runs (run_id, settings, author, at) VALUES (:run_id, CAST(:settings AS jsonb), :author, :at)
ON CONFLICT (run_id) DO NOTHING;

-- name: cohort_bought
-- The purchases that the copies of a rehearsal have started.
SELECT workspace_id, status FROM extra_minutes_purchases WHERE workspace_id = ANY(:workspace_ids) AND key = :key;

-- name: cohort_end
-- Ends a cohort once, with its results.
UPDATE cohort_runs SET status = :status, results = CAST(:results AS jsonb), finished_at = :at
WHERE run_id = :run_id AND status = 'running';

-- name: cohort_list
-- Cohorts, newest first. resumable: it did not finish, and its plan is stored.
SELECT run_id, settings - 'plan' AS settings, status, results, author, at, finished_at,
       status IN ('running', 'failed') AND jsonb_exists(settings, 'plan') AS resumable
FROM cohort_runs ORDER BY recorded_at DESC, run_id LIMIT :most;

-- name: cohort_one_at_a_time
-- Serializes rehearsals that request their next purchase at the same time.
SELECT pg_advisory_xact_lock(7205759403796);

-- name: cohort_resume
-- Resumes a run that was interrupted or failed.
UPDATE cohort_runs SET status = 'running', results = NULL, finished_at = NULL
WHERE run_id = :run_id AND status IN ('running', 'failed') AND jsonb_exists(settings, 'plan')
RETURNING run_id, settings, status, results, author, at, finished_at, true AS resumable;

-- name: cohort_turn
-- Seconds from :at until a running cohort may buy next. All runs share one queue.
UPDATE cohort_runs r SET next_at = slot.next_at
FROM (
    SELECT greatest(CAST(:at AS timestamptz), max(next_at)) AS at,
           greatest(CAST(:at AS timestamptz), max(next_at)) + make_interval(secs => 1 / CAST(:per_second AS float8)) AS next_at
    FROM cohort_runs
) slot
WHERE r.run_id = :run_id AND r.status = 'running'
RETURNING extract(epoch FROM slot.at - CAST(:at AS timestamptz))::float8 AS seconds;

-- name: price_design_add
-- Stores the design of a price test.
INSERT INTO price_test_designs (design_id, test, arms, design, note, author, at)
VALUES (:design_id, :test, CAST(:arms AS text[]), CAST(:design AS jsonb), :note, :author, :at)
RETURNING design_id, test, arms, design, note, author, at;

-- name: price_design_list
-- Designs of price tests, newest first.
SELECT design_id, test, arms, design, note, author, at FROM price_test_designs ORDER BY recorded_at DESC, design_id LIMIT :most;
