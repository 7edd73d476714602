-- Locks the one row that every writer of a workspace locks, and returns it; its lots are all written then.
CREATE OR REPLACE FUNCTION lock_workspace(p_workspace_id text) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes;
BEGIN
    SELECT * INTO workspace FROM workspace_minutes WHERE workspace_id = p_workspace_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE SQLSTATE 'LG404' USING MESSAGE = 'unknown workspace', DETAIL = p_workspace_id;
    END IF;
    RETURN put_back_lot(workspace);
END $$;
