UPDATE api_keys SET revoked_at = coalesce(revoked_at, :at), revoked_by = coalesce(revoked_by, :actor)
WHERE key_id = :key_id
