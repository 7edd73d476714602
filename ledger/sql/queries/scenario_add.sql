-- Keeps one version of a scenario for good. No row: somebody else made this version of the family first.
INSERT INTO pricing_scenarios
    (scenario_id, family_id, version, parent_id, name, note, parameters, snapshot, results, seed, code_version, author, at)
VALUES (:scenario_id, :family_id, :version, CAST(:parent_id AS uuid), :name, :note, CAST(:parameters AS jsonb),
        CAST(:snapshot AS jsonb), CAST(:results AS jsonb), :seed, :code_version, :author, :at)
ON CONFLICT (family_id, version) DO NOTHING
RETURNING scenario_id, family_id, version, parent_id, name, note, parameters, snapshot, results, seed, code_version, author,
          at, recorded_at;
