-- Records the usage alerts of a batch: the set-based twin of record_usage_alerts.
CREATE OR REPLACE FUNCTION alert_staged(p_batch bigint, p_recorded_at timestamptz) RETURNS void
LANGUAGE sql AS $$
    WITH made AS (
    INSERT INTO usage_alerts (workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes)
    SELECT u.workspace_id, (u.entry).epoch, c.kind, (u.entry).entry_no, (u.entry).at, (u.entry).recorded_at,
           CASE c.kind WHEN 'limit_hit' THEN (u.entry).unmet_minutes ELSE 0 END
    FROM staged_workspaces(p_batch) x
    CROSS JOIN LATERAL (
        SELECT u.* FROM staged_uses(p_batch, p_recorded_at) u WHERE u.workspace_id = x.workspace_id COLLATE "C" OFFSET 0
    ) u
    CROSS JOIN LATERAL (
        SELECT 'used_' || t.threshold AS kind FROM unnest((u.entry).thresholds) AS t (threshold)
        UNION ALL SELECT 'plan_exhausted' WHERE u.exhausts_plan
        UNION ALL SELECT 'limit_hit' WHERE u.hits_limit
    ) c
    WHERE x.alerting
    RETURNING workspace_id, kind, entry_no
    )
    SELECT emit_usage_event(m.kind, e)
    FROM (SELECT * FROM made ORDER BY workspace_id, entry_no,
              array_position(ARRAY['used_80', 'used_90', 'used_100', 'plan_exhausted', 'limit_hit'], kind::text)) m
    JOIN LATERAL (SELECT e FROM entries e WHERE e.workspace_id = m.workspace_id AND e.entry_no = m.entry_no) AS rows (e) ON true
    WHERE EXISTS (SELECT FROM webhook_endpoints w WHERE w.deleted_at IS NULL);
$$;
