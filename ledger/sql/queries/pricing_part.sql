-- The next workspaces whose history is replayed, in order. Copies are nobody's history.
SELECT min(w.workspace_id) AS first, max(w.workspace_id) AS last, count(*) AS workspaces
FROM (SELECT workspace_id FROM workspaces
      WHERE source = :source AND workspace_id > :after AND workspace_id NOT LIKE 'sim:%'
      ORDER BY workspace_id LIMIT :most) w;
