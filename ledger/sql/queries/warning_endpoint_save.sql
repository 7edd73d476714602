INSERT INTO warning_endpoint (url, secret, enabled, sends_plan_exhausted, changed_at, changed_by)
VALUES (:url, :secret, :enabled, :sends_plan_exhausted, :at, :actor)
ON CONFLICT (singleton) DO UPDATE
SET url = EXCLUDED.url, secret = EXCLUDED.secret, enabled = EXCLUDED.enabled,
    sends_plan_exhausted = EXCLUDED.sends_plan_exhausted, changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by
