SELECT e.workspace_id, e.entry_no, e.kind, e.key, e.plan_before, e.plan_delta, e.plan_after, e.extra_before, e.extra_delta, e.extra_after,
       e.minutes, e.unmet_minutes, e.used_after, e.at, e.recorded_at, e.latest_at, e.epoch, e.top, e.lot_id, e.take, e.thresholds
FROM entries e WHERE e.workspace_id = ANY(:ids) ORDER BY e.workspace_id, e.entry_no
