-- Every version of one family, oldest first.
SELECT s.scenario_id, s.family_id, s.version, s.parent_id, s.name, s.note, s.parameters, s.snapshot, s.results, s.seed,
       s.code_version, s.author, s.at, s.recorded_at
FROM pricing_scenarios s WHERE s.family_id = :family_id ORDER BY s.version;
