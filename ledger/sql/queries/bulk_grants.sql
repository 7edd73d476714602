-- name: batch_add
-- A new bulk grant; the same batch again changes nothing.
INSERT INTO grant_batches (batch_id, title, reason, created_by, created_at, needs_approval)
VALUES (:batch_id, :title, :reason, :actor, :at, :needs_approval)
ON CONFLICT (batch_id) DO NOTHING
RETURNING batch_id;

-- name: batch_add_rows
-- The rows of a bulk grant: those that cannot be granted are stored with their problem.
INSERT INTO grant_batch_rows (batch_id, row_no, workspace_id, minutes, state, problem)
SELECT :batch_id, r.row_no, r.workspace_id, r.minutes, CASE WHEN r.problem = '' THEN 'waiting' ELSE 'refused' END,
       nullif(r.problem, '')
FROM unnest(CAST(:row_nos AS int[]), CAST(:workspace_ids AS text[]), CAST(:minutes AS bigint[]), CAST(:problems AS text[]))
     AS r (row_no, workspace_id, minutes, problem)
ON CONFLICT (batch_id, row_no) DO NOTHING;

-- name: batch_approve
-- A second person lets a bulk grant run.
UPDATE grant_batches SET approved_by = :actor WHERE batch_id = :batch_id AND approved_by IS NULL;

-- name: batch_header
-- What one row needs to know of its bulk grant.
SELECT title, reason, created_by, needs_approval AND approved_by IS NULL OR undone_by IS NOT NULL AS held
FROM grant_batches
WHERE batch_id = :batch_id;

-- name: batch_known_workspaces
-- Which of these workspaces exist.
SELECT workspace_id FROM workspaces WHERE workspace_id = ANY (CAST(:workspace_ids AS text[]));

-- name: batch_list
-- Bulk grants, newest first, with how far each got.
SELECT b.batch_id, b.title, b.reason, b.created_by, b.created_at, b.needs_approval, b.approved_by, b.undone_by,
       count(r.*) AS rows,
       count(r.*) FILTER (WHERE r.state = 'waiting') AS waiting,
       count(r.*) FILTER (WHERE r.state = 'granted') AS granted,
       count(r.*) FILTER (WHERE r.state = 'refused') AS refused,
       count(r.*) FILTER (WHERE r.state = 'undone') AS undone,
       coalesce(sum(r.minutes) FILTER (WHERE r.state <> 'refused'), 0)::bigint AS minutes,
       coalesce(sum(r.minutes) FILTER (WHERE r.state IN ('granted', 'undone')), 0)::bigint AS minutes_granted,
       coalesce(sum(r.undone_minutes), 0)::bigint AS minutes_undone
FROM grant_batches b
LEFT JOIN grant_batch_rows r ON r.batch_id = b.batch_id
WHERE CAST(:batch_id AS uuid) IS NULL OR b.batch_id = CAST(:batch_id AS uuid)
GROUP BY b.batch_id
ORDER BY b.created_at DESC, b.batch_id
LIMIT :limit;

-- name: batch_lock_row
-- One row, held until the end of the transaction, so that two people who run the same batch give once.
SELECT row_no, workspace_id, minutes, state, problem, lot_id, undone_minutes
FROM grant_batch_rows
WHERE batch_id = :batch_id AND row_no = :row_no
FOR UPDATE;

-- name: batch_rows
-- Rows of one bulk grant, in one state or all.
SELECT row_no, workspace_id, minutes, state, problem, lot_id, undone_minutes
FROM grant_batch_rows
WHERE batch_id = :batch_id AND (CAST(:state AS text) IS NULL OR state = CAST(:state AS text))
ORDER BY row_no
LIMIT :limit;

-- name: batch_save_row
-- What became of one row.
UPDATE grant_batch_rows
SET state = :state, problem = :problem, lot_id = :lot_id, undone_minutes = :undone_minutes
WHERE batch_id = :batch_id AND row_no = :row_no;

-- name: batch_undo
-- Somebody began to take a bulk grant back: what still waits is not given any more.
UPDATE grant_batches SET undone_by = :actor WHERE batch_id = :batch_id AND undone_by IS NULL;
