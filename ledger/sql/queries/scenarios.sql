-- name: scenario_add
-- Keeps one version of a scenario for good. No row: somebody else made this version of the family first.
INSERT INTO pricing_scenarios
    (scenario_id, family_id, version, parent_id, name, note, parameters, snapshot, results, seed, code_version, author, at)
VALUES (:scenario_id, :family_id, :version, CAST(:parent_id AS uuid), :name, :note, CAST(:parameters AS jsonb),
        CAST(:snapshot AS jsonb), CAST(:results AS jsonb), :seed, :code_version, :author, :at)
ON CONFLICT (family_id, version) DO NOTHING
RETURNING scenario_id, family_id, version, parent_id, name, note, parameters, snapshot, results, seed, code_version, author,
          at, recorded_at;

-- name: scenario_get
-- One saved scenario, and the latest version of its family.
SELECT s.scenario_id, s.family_id, s.version, s.parent_id, s.name, s.note, s.parameters, s.snapshot, s.results, s.seed,
       s.code_version, s.author, s.at, s.recorded_at
FROM pricing_scenarios s WHERE s.scenario_id = :scenario_id;

-- name: scenario_list
-- The latest version of every family, newest first.
SELECT * FROM (
    SELECT DISTINCT ON (s.family_id)
           s.scenario_id, s.family_id, s.version, s.parent_id, s.name, s.note, s.parameters, s.snapshot, s.results, s.seed,
           s.code_version, s.author, s.at, s.recorded_at
    FROM pricing_scenarios s ORDER BY s.family_id, s.version DESC
) latest
ORDER BY recorded_at DESC, scenario_id LIMIT :most;

-- name: scenario_versions
-- Every version of one family, oldest first.
SELECT s.scenario_id, s.family_id, s.version, s.parent_id, s.name, s.note, s.parameters, s.snapshot, s.results, s.seed,
       s.code_version, s.author, s.at, s.recorded_at
FROM pricing_scenarios s WHERE s.family_id = :family_id ORDER BY s.version;
