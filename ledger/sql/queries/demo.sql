-- name: begin_demo_history
INSERT INTO demo_history (story, workspaces, months, until, seed) VALUES (:story, :workspaces, :months, :until, :seed);

-- name: demo_history
-- What the demo company of this database was requested to be, and whether its history is complete.
SELECT story, workspaces, months, until, seed, finished_at IS NOT NULL AS finished FROM demo_history;

-- name: finish_demo_history
UPDATE demo_history SET finished_at = coalesce(finished_at, clock_timestamp());

-- name: lock_demo_history
-- One builder at a time, for as long as its session lasts.
SELECT pg_try_advisory_lock(7205759403794);
