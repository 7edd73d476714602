SELECT (u.entry).workspace_id, (u.entry).entry_no, (u.entry).minutes, (u.entry).plan_delta, (u.entry).extra_delta,
       (u.entry).unmet_minutes, (u.entry).plan_after, (u.entry).extra_after, (u.entry).top, (u.entry).thresholds, u.repeated, u.refusal
FROM record_use(:workspace_id, :minutes, :key, :at, :duration_seconds, :take) AS u
