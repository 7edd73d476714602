-- What the uses of a batch crossed: the set-based twin of cross_thresholds. Most workspaces of a batch cross nothing, so the
-- uses are looked at only where the demand of the whole batch reaches a threshold or the end of a pool.
CREATE OR REPLACE FUNCTION cross_staged(p_batch bigint, p_recorded_at timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO crossings (workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes, next_attempt_at)
    SELECT u.workspace_id, u.epoch, c.kind, u.entry_no, u.at, greatest(u.recorded_at, p_recorded_at),
           CASE c.kind WHEN 'limit_hit' THEN u.minutes - u.from_plan - u.from_extra ELSE 0 END, greatest(u.recorded_at, p_recorded_at)
    FROM (
        SELECT s.workspace_id
        FROM staged_workspaces(p_batch) s
        JOIN workspace_minutes w ON w.workspace_id = s.workspace_id
        WHERE s.demand >= w.minutes_remaining OR gauge_level(w.top, w.minutes_remaining + w.extra_minutes_remaining - s.demand) > w.warned
        OFFSET 0
    ) x
    CROSS JOIN LATERAL (SELECT u.* FROM staged_uses u WHERE u.workspace_id = x.workspace_id AND u.batch = p_batch OFFSET 0) u
    CROSS JOIN LATERAL (
        SELECT 'used_' || t.threshold AS kind FROM unnest(thresholds_between(u.warned, u.level)) AS t (threshold) WHERE u.level > u.warned
        UNION ALL SELECT 'plan_exhausted' WHERE u.exhausts_plan
        UNION ALL SELECT 'limit_hit' WHERE u.hits_limit
    ) c;
$$;
