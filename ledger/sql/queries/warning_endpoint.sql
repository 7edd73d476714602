SELECT url, secret, enabled, sends_plan_exhausted, changed_at, changed_by FROM warning_endpoint
