INSERT INTO api_keys (key_id, name, secret_hash, scopes, requests_per_minute, created_at, created_by)
VALUES (:key_id, :name, :secret_hash, :scopes, :requests_per_minute, :at, :actor)
