-- Workspaces of the hold-out's source with their arms, by id; a page begins behind `after` ('' = at the first).
SELECT w.workspace_id, hold_out_arm(w.workspace_id, :name, :share_percent) AS arm FROM workspaces w
WHERE w.source = :source AND w.workspace_id > CAST(:after AS text) COLLATE "C"
ORDER BY w.workspace_id LIMIT CAST(:limit AS bigint);
