-- name: create_workspace
INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at)
VALUES (:workspace_id, :name, :owner_email, :source, :actor, :at)
ON CONFLICT (workspace_id) DO NOTHING
RETURNING workspace_id;

-- name: create_workspace_minutes
INSERT INTO workspace_minutes (workspace_id) VALUES (:workspace_id);

-- name: reset_workspaces
-- Books every period that is due by :at for these workspaces.
SELECT count(reset_monthly_minutes(w.workspace_id, :at)) FROM unnest(CAST(:workspace_ids AS text[])) AS w (workspace_id);

-- name: limit_lock_wait
-- How long this transaction waits for each lock.
SELECT set_config('lock_timeout', :wait, true);

-- name: lock_free_workspaces
-- Locks those of these workspaces that nobody holds, and answers the others.
SELECT w.workspace_id FROM lock_free_workspaces(:workspace_ids) AS w (workspace_id);

-- name: creation_times
SELECT workspace_id, created_at FROM workspaces WHERE workspace_id = ANY (:workspace_ids);

-- name: update_workspace
UPDATE workspaces SET name = :name, owner_email = :owner_email WHERE workspace_id = :workspace_id;

-- name: workspace
SELECT s.workspace_id, s.name, s.owner_email, s.source, s.created_at, w.plan, w.billing_cycle
FROM workspaces s
JOIN workspace_minutes w ON w.workspace_id = s.workspace_id
WHERE s.workspace_id = :workspace_id;

-- name: workspace_source
SELECT source FROM workspaces WHERE workspace_id = :workspace_id;

-- name: workspaces_due
-- Workspaces whose next monthly period has been due for longest, in the order in which every writer locks: by id.
SELECT d.workspace_id FROM (
    SELECT w.workspace_id FROM workspace_minutes w
    WHERE w.managed_by = 'ledger' AND w.minutes_reset_date <= :at
    ORDER BY w.minutes_reset_date
    LIMIT :limit
) d
ORDER BY d.workspace_id;
