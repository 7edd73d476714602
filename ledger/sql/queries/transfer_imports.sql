-- name: transfer_lock
-- One import at a time.
SELECT pg_try_advisory_lock(7205759403797);

-- name: transfer_lock_once
SELECT pg_try_advisory_xact_lock(7205759403797);

-- name: transfer_unlock
SELECT pg_advisory_unlock_all();

-- name: transfer_wait_for_disk
-- The last commit waits for the disk, and with it all before it.
SELECT set_config('synchronous_commit', 'on', true);

-- name: transfer_begin
INSERT INTO imports (import_id, source, origin, mapping, actor, started_at, older_workspaces)
SELECT :import_id, :source, :origin, :mapping, :actor, :at, (SELECT count(*) FROM import_chunks WHERE existed);

-- name: transfer_add_booked
UPDATE imports SET rows_booked = rows_booked + :rows WHERE import_id = :import_id;

-- name: transfer_finish
UPDATE imports SET finished_at = :at WHERE import_id = :import_id;

-- name: transfer_list
SELECT i.import_id, i.source, i.origin, i.actor, i.started_at, i.finished_at, i.undone_at, i.undone_by, i.rows_booked, i.older_workspaces,
       coalesce(i.undone_workspaces, w.workspaces, 0) AS workspaces
FROM imports i
LEFT JOIN (SELECT m.import_id, count(*) AS workspaces FROM imported_workspaces m GROUP BY m.import_id) w ON w.import_id = i.import_id
ORDER BY i.started_at DESC, i.recorded_at DESC;

-- name: transfer_get
SELECT i.import_id, i.undone_at, (SELECT count(*) FROM import_additions a WHERE a.import_id = i.import_id) AS additions
FROM imports i WHERE i.import_id = :import_id FOR UPDATE;

-- name: transfer_undo_collect
-- The workspaces leave the daily sums as they leave the ledger; those that stay are counted anew.
INSERT INTO rollup_work (workspace_id, from_no, to_no)
SELECT workspace_id, 0, 0 FROM imported_workspaces WHERE import_id = :import_id
UNION ALL
SELECT workspace_id, 0, 0 FROM import_additions WHERE import_id = :import_id;

-- name: transfer_undone
UPDATE imports SET undone_at = :at, undone_by = :actor, undone_workspaces = :workspaces WHERE import_id = :import_id;
