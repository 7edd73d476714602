-- name: record_use
SELECT (u.entry).workspace_id, (u.entry).entry_no, (u.entry).minutes, (u.entry).plan_delta, (u.entry).extra_delta,
       (u.entry).unmet_minutes, (u.entry).plan_after, (u.entry).extra_after, (u.entry).gauge_base, (u.entry).thresholds, u.repeated, u.refusal,
       (u.entry).at
FROM record_use(:workspace_id, :minutes, :key, :at, :duration_seconds, :overage_policy) AS u;

-- name: record_uses
SELECT u.workspace_id, u.entry_no, u.minutes, u.plan_delta, u.extra_delta, u.unmet_minutes, u.plan_after, u.extra_after, u.gauge_base,
       u.thresholds, u.key, u.duration_seconds, u.overage_policy, u.repeated, u.at, u.refusal
FROM record_uses(:batch, :workspace_ids, :minutes, :keys, :ats, :durations) AS u;
