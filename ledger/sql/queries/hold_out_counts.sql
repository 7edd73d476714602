SELECT count(*) AS workspaces, count(*) FILTER (WHERE hold_out_arm(workspace_id, :name, :share_percent) = 'held') AS held
FROM workspaces WHERE source = :source;
