SELECT key_id, name, scopes, requests_per_minute, created_at, created_by, last_used_at, revoked_at, revoked_by
FROM api_keys
ORDER BY revoked_at NULLS FIRST, created_at DESC, key_id
