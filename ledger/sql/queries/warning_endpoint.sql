SELECT url, secret, enabled, changed_at, changed_by FROM warning_endpoint
