INSERT INTO closed_month_checks (source, month, checked_at) VALUES (:source, :month, :at)
ON CONFLICT (source, month) DO UPDATE SET checked_at = EXCLUDED.checked_at
