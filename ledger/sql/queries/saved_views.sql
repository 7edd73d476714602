SELECT page, name, query, saved_at FROM saved_views WHERE operator = :operator ORDER BY page, name
