SELECT key_id, name, scopes, requests_per_minute, created_at, created_by, last_used_at, revoked_at, revoked_by, secret_hash
FROM api_keys
WHERE key_id = :key_id
