-- name: api_key_count_request
-- One more request in a minute; no row comes back when the minute is full.
INSERT INTO api_key_windows AS w (key_id, started_at, requests)
VALUES (:key_id, :started_at, 1)
ON CONFLICT (key_id) DO UPDATE
SET started_at = EXCLUDED.started_at, requests = CASE WHEN w.started_at < EXCLUDED.started_at THEN 1 ELSE w.requests + 1 END
WHERE w.started_at < EXCLUDED.started_at OR w.requests < :most
RETURNING requests;

-- name: api_key_create
INSERT INTO api_keys (key_id, name, secret_hash, scopes, requests_per_minute, grant_minutes_per_day, workspace_id, expires_at,
                      created_at, created_by, approval_id)
VALUES (:key_id, :name, :secret_hash, :scopes, :requests_per_minute, :grant_minutes_per_day, :workspace_id, :expires_at, :at, :actor,
        :approval_id);

-- name: api_key_approve
UPDATE api_keys SET approved_by = :actor WHERE approval_id = :approval_id AND revoked_at IS NULL RETURNING key_id;

-- name: api_key_find
SELECT key_id, name, scopes, requests_per_minute, grant_minutes_per_day, workspace_id, expires_at, created_at, created_by,
       last_used_at, revoked_at, revoked_by, approval_id, approved_by, secret_hash
FROM api_keys
WHERE key_id = :key_id;

-- name: api_key_limit
UPDATE api_keys SET requests_per_minute = :requests_per_minute WHERE key_id = :key_id;

-- name: api_key_list
SELECT key_id, name, scopes, requests_per_minute, grant_minutes_per_day, workspace_id, expires_at, created_at, created_by,
       last_used_at, revoked_at, revoked_by, approval_id, approved_by
FROM api_keys
ORDER BY revoked_at NULLS FIRST, created_at DESC, key_id;

-- name: api_key_revoke
UPDATE api_keys SET revoked_at = coalesce(revoked_at, :at), revoked_by = coalesce(revoked_by, :actor)
WHERE key_id = :key_id;

-- name: api_key_used
UPDATE api_keys SET last_used_at = :at WHERE key_id = :key_id AND (last_used_at IS NULL OR last_used_at < :at);
