SELECT u.workspace_id, u.entry_no, u.minutes, u.plan_delta, u.extra_delta, u.unmet_minutes, u.plan_after, u.extra_after, u.top,
       u.thresholds, u.key, u.duration_seconds, u.take, u.repeated
FROM record_uses(:batch, :workspace_ids, :minutes, :keys, :ats, :durations) AS u
