-- The next ids to verify, in order; also those that only the ledger knows: nothing but `verify` holds them to `workspaces`.
SELECT i.workspace_id, EXISTS (SELECT FROM workspaces w WHERE w.workspace_id = i.workspace_id) AS known
FROM (
    (SELECT workspace_id FROM workspaces WHERE workspace_id > :after ORDER BY workspace_id LIMIT :limit)
    UNION
    (SELECT workspace_id FROM workspace_minutes WHERE workspace_id > :after ORDER BY workspace_id LIMIT :limit)
    UNION
    (SELECT workspace_id FROM entries WHERE workspace_id > :after AND entry_no = 1 ORDER BY workspace_id LIMIT :limit)
) i
ORDER BY i.workspace_id
LIMIT :limit
