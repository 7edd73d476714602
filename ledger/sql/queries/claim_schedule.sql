-- One of several workers runs a schedule; no row comes back for the others, nor before it is due again.
INSERT INTO schedules (name, started_at) VALUES (:name, :at)
ON CONFLICT (name) DO UPDATE SET started_at = EXCLUDED.started_at WHERE schedules.started_at <= :before
RETURNING name;
