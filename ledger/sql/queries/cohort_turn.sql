-- The next turn to buy, for a run that has not ended: seconds from :at until it may. Turns of all runs follow each other.
UPDATE cohort_runs r SET next_at = turn.at + make_interval(secs => 1 / CAST(:per_second AS float8))
FROM (SELECT greatest(CAST(:at AS timestamptz), max(next_at)) AS at FROM cohort_runs) turn
WHERE r.run_id = :run_id AND r.status = 'running'
RETURNING extract(epoch FROM turn.at - CAST(:at AS timestamptz))::float8 AS seconds;
