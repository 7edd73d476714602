INSERT INTO usage_by_epoch AS u (workspace_id, epoch, plan_minutes, extra_minutes, unmet_minutes, uses, first_use_at, last_use_at)
SELECT e.workspace_id, e.epoch, CAST(-sum(e.plan_delta) AS bigint), CAST(-sum(e.extra_delta) AS bigint),
       CAST(sum(e.unmet_minutes) AS bigint), count(*), min(e.at), max(e.at)
FROM rollup_work r
JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no
WHERE e.kind = 'use'
GROUP BY 1, 2
ON CONFLICT (workspace_id, epoch) DO UPDATE SET
    plan_minutes = u.plan_minutes + EXCLUDED.plan_minutes,
    extra_minutes = u.extra_minutes + EXCLUDED.extra_minutes,
    unmet_minutes = u.unmet_minutes + EXCLUDED.unmet_minutes,
    uses = u.uses + EXCLUDED.uses,
    first_use_at = least(u.first_use_at, EXCLUDED.first_use_at),
    last_use_at = greatest(u.last_use_at, EXCLUDED.last_use_at)
