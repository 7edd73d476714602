INSERT INTO goals (metric, source, value, set_by, set_at) VALUES (:metric, :source, :value, :actor, :at)
ON CONFLICT (metric, source) DO UPDATE SET value = EXCLUDED.value, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at
