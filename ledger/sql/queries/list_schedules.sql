SELECT name, started_at, finished_at, succeeded_at, error, mark FROM schedules ORDER BY name;
