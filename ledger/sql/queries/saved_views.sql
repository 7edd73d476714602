-- name: saved_view_forget
DELETE FROM saved_views WHERE operator = :operator AND page = :page AND name = :name;

-- name: saved_view_keep
INSERT INTO saved_views (operator, page, name, query, saved_at) VALUES (:operator, :page, :name, :query, :at)
ON CONFLICT (operator, page, name) DO UPDATE SET query = EXCLUDED.query, saved_at = EXCLUDED.saved_at;

-- name: saved_views
SELECT page, name, query, saved_at FROM saved_views WHERE operator = :operator ORDER BY page, name;
