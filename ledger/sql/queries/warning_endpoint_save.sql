INSERT INTO warning_endpoint (url, secret, enabled, changed_at, changed_by)
VALUES (:url, :secret, :enabled, :at, :actor)
ON CONFLICT (singleton) DO UPDATE
SET url = EXCLUDED.url, secret = EXCLUDED.secret, enabled = EXCLUDED.enabled, changed_at = EXCLUDED.changed_at,
    changed_by = EXCLUDED.changed_by
