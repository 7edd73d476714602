-- Locks those of these workspaces that nobody holds, in the order in which every writer locks, and returns the others.
CREATE OR REPLACE FUNCTION lock_free_workspaces(p_workspace_ids text[]) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    wanted text;
BEGIN
    FOR wanted IN SELECT DISTINCT a.workspace_id COLLATE "C" FROM unnest(p_workspace_ids) AS a (workspace_id) ORDER BY 1 LOOP
        PERFORM 1 FROM workspace_minutes w WHERE w.workspace_id = wanted FOR UPDATE SKIP LOCKED;
        IF NOT FOUND AND EXISTS (SELECT 1 FROM workspace_minutes w WHERE w.workspace_id = wanted) THEN
            RETURN NEXT wanted;
        END IF;
    END LOOP;
END $$;
