INSERT INTO schedules (name, started_at, mark) VALUES (:name, :at, :mark)
ON CONFLICT (name) DO UPDATE SET mark = EXCLUDED.mark;
