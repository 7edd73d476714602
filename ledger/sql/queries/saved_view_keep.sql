INSERT INTO saved_views (operator, page, name, query, saved_at) VALUES (:operator, :page, :name, :query, :at)
ON CONFLICT (operator, page, name) DO UPDATE SET query = EXCLUDED.query, saved_at = EXCLUDED.saved_at
