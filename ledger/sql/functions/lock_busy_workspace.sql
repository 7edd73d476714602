-- Locks a workspace that another writer holds: looks again after 1, 2, 4 ... 32 ms, and queues only then. Null: unknown workspace.
-- A queue of sleepers costs more than their work: each commit wakes them all to find the row locked again, and their turns evict
-- each other's caches. Whoever looks later leaves the row to those who are awake.
CREATE OR REPLACE FUNCTION lock_busy_workspace(p_workspace_id text) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
DECLARE
    wm workspace_minutes;
BEGIN
    IF NOT EXISTS (SELECT FROM workspace_minutes w WHERE w.workspace_id = p_workspace_id) THEN
        RETURN NULL;
    END IF;
    FOR look IN 0..5 LOOP
        PERFORM pg_sleep(0.001 * 2 ^ look);
        SELECT * INTO wm FROM workspace_minutes w WHERE w.workspace_id = p_workspace_id FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            RETURN wm;
        END IF;
    END LOOP;
    RETURN lock_workspace(p_workspace_id);
END $$;
