-- name: lock_workspace
SELECT (lock_workspace(:workspace_id)).entry_no;

-- name: mark_write
INSERT INTO idempotency_keys (workspace_id, operation, key, body, entry_no, lot_id)
VALUES (:workspace_id, :operation, :key, CAST(:body AS jsonb), :entry_no, :lot_id);

-- name: write_of_key
SELECT body, entry_no, lot_id FROM idempotency_keys WHERE workspace_id = :workspace_id AND operation = :operation AND key = :key;
