-- Moves the locked rows of a batch to the state after its last new use.
CREATE OR REPLACE FUNCTION apply_staged(p_batch bigint, p_recorded_at timestamptz) RETURNS void
LANGUAGE sql AS $$
    UPDATE workspace_minutes w
    SET entry_no = s.entry_no, minutes_remaining = s.plan_after, extra_minutes_remaining = s.extra_after, minutes_used = s.used_after,
        latest_at = s.latest_at, recorded_at = greatest(w.recorded_at, p_recorded_at), warned = s.warned,
        plan_exhausted = w.plan_exhausted OR s.exhausts_plan, limit_hit = w.limit_hit OR s.hits_limit
    FROM (
        SELECT u.workspace_id, max(u.entry_no) AS entry_no, min(u.plan_after) AS plan_after, min(u.extra_after) AS extra_after,
               max(u.used_after) AS used_after, max(u.latest_at) AS latest_at, max(greatest(u.level, u.warned)) AS warned,
               bool_or(u.exhausts_plan) AS exhausts_plan, bool_or(u.hits_limit) AS hits_limit
        FROM staged_uses u WHERE u.batch = p_batch GROUP BY u.workspace_id
    ) s
    WHERE w.workspace_id = s.workspace_id;
$$;
