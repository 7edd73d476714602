UPDATE api_keys SET requests_per_minute = :requests_per_minute WHERE key_id = :key_id
