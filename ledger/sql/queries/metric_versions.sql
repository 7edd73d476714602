-- name: metric_versions
SELECT metric, version, since, formula FROM metric_versions ORDER BY metric, version;

-- name: metric_versions_add
-- Definitions that were not known, each with the one that held before (the subquery sees the table as it was).
INSERT INTO metric_versions AS v (metric, version, since, formula)
SELECT m.metric, m.version, :at, m.formula
FROM unnest(CAST(:metrics AS text[]), CAST(:versions AS integer[]), CAST(:formulas AS text[])) AS m (metric, version, formula)
ON CONFLICT (metric, version) DO NOTHING
RETURNING v.metric, v.version, (SELECT max(known.version) FROM metric_versions known WHERE known.metric = v.metric) AS before;
