-- Locks the rows of many workspaces in sorted order, so that two batches never wait for each other.
-- An update, because a sharded database takes no FOR UPDATE over several keys.
CREATE OR REPLACE FUNCTION lock_workspaces(p_workspace_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE workspace_minutes w SET entry_no = w.entry_no
    FROM (SELECT DISTINCT a.workspace_id COLLATE "C" AS workspace_id FROM unnest(p_workspace_ids) AS a (workspace_id) ORDER BY 1) s
    WHERE w.workspace_id = s.workspace_id;
END $$;
