-- The statement of a workspace, newest first.
SELECT e.entry_no, e.kind, e.plan_delta, e.extra_delta, e.plan_after AS plan_minutes, e.extra_after AS extra_minutes, e.minutes,
       e.unmet_minutes, e.at, e.recorded_at, e.actor, e.reason, e.reference, e.key, e.lot_id, e.duration_seconds, e.thresholds,
       e.epoch, e.top
FROM entries e
WHERE e.workspace_id = :workspace_id AND e.entry_no < coalesce(CAST(:before AS bigint), 9223372036854775807)
ORDER BY e.entry_no DESC
LIMIT :limit
