-- The latest version of every family, newest first.
SELECT * FROM (
    SELECT DISTINCT ON (s.family_id)
           s.scenario_id, s.family_id, s.version, s.parent_id, s.name, s.note, s.parameters, s.snapshot, s.results, s.seed,
           s.code_version, s.author, s.at, s.recorded_at
    FROM pricing_scenarios s ORDER BY s.family_id, s.version DESC
) latest
ORDER BY recorded_at DESC, scenario_id LIMIT :most;
