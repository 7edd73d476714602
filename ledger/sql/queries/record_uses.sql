SELECT (u.entry).workspace_id, (u.entry).entry_no, (u.entry).key, (u.entry).minutes, (u.entry).plan_delta, (u.entry).extra_delta,
       (u.entry).unmet_minutes, (u.entry).plan_after, (u.entry).extra_after, (u.entry).top, (u.entry).thresholds,
       (u.entry).duration_seconds, (u.entry).take, u.repeated
FROM record_uses(:batch, :workspace_ids, :minutes, :keys, :ats, :durations) AS u
