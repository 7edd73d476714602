-- What somebody pinned, then what they opened last.
SELECT o.workspace_id, w.name, o.opened_at, o.pinned_at IS NOT NULL AS pinned
FROM opened_workspaces o
JOIN workspaces w ON w.workspace_id = o.workspace_id
WHERE o.operator = :operator
ORDER BY o.pinned_at IS NULL, o.opened_at DESC
LIMIT :limit
