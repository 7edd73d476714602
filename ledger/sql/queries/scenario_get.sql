-- One saved scenario, and the latest version of its family.
SELECT s.scenario_id, s.family_id, s.version, s.parent_id, s.name, s.note, s.parameters, s.snapshot, s.results, s.seed,
       s.code_version, s.author, s.at, s.recorded_at
FROM pricing_scenarios s WHERE s.scenario_id = :scenario_id;
