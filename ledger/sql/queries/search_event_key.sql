-- Which workspaces booked something under this key: one index probe for each workspace, so only on request.
SELECT w.workspace_id
FROM workspaces w
WHERE EXISTS (SELECT 1 FROM entries e WHERE e.workspace_id = w.workspace_id AND e.kind = ANY (enum_range(NULL::entry_kind))
              AND e.key = :key)
ORDER BY w.workspace_id
LIMIT 200
