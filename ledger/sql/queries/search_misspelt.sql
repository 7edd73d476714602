-- Names like what was typed, the most alike first.
SELECT workspace_id
FROM workspaces
WHERE lower(:text) <% lower(name)
ORDER BY lower(:text) <<-> lower(name), workspace_id
LIMIT 50
