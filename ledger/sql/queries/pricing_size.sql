-- How many workspaces have a history to replay, copies left out.
SELECT count(*) FROM workspaces WHERE source = :source AND workspace_id NOT LIKE 'sim:%';
