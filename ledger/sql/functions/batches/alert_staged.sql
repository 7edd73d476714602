-- Records the usage alerts of a batch: the set-based twin of record_usage_alerts. Events follow from the alerts of its entries.
CREATE OR REPLACE FUNCTION alert_staged(p_batch bigint, p_recorded_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    alert record;
    entry entries;
BEGIN
    INSERT INTO usage_alerts (workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes)
    SELECT u.workspace_id, u.epoch, c.kind, u.entry_no, u.at, greatest(u.recorded_at, p_recorded_at),
           CASE WHEN c.kind = 'limit_hit' THEN u.unmet_minutes ELSE 0 END
    FROM staged_workspaces x
    JOIN staged_uses u ON u.workspace_id = x.workspace_id AND u.batch = x.batch
    JOIN (VALUES ('used_80', 80::smallint), ('used_90', 90::smallint), ('used_100', 100::smallint), ('plan_exhausted', NULL), ('limit_hit', NULL))
         AS c (kind, threshold)
      ON (c.kind = 'plan_exhausted' AND u.exhausts_plan) OR (c.kind = 'limit_hit' AND u.hits_limit) OR c.threshold = ANY (u.thresholds)
    WHERE x.batch = p_batch AND x.alerting;

    IF EXISTS (SELECT 1 FROM webhook_endpoints w WHERE w.deleted_at IS NULL) THEN
        FOR alert IN
            SELECT a.workspace_id, a.kind, a.entry_no
            FROM staged_workspaces x
            JOIN workspace_minutes w ON w.workspace_id = x.workspace_id
            JOIN usage_alerts a ON a.workspace_id = x.workspace_id AND a.epoch = w.epoch AND a.entry_no > w.entry_no
            WHERE x.batch = p_batch AND x.alerting
            ORDER BY a.workspace_id, a.entry_no,
                     array_position(ARRAY['used_80', 'used_90', 'used_100', 'plan_exhausted', 'limit_hit'], a.kind::text)
        LOOP
            SELECT * INTO STRICT entry FROM entries e WHERE e.workspace_id = alert.workspace_id AND e.entry_no = alert.entry_no;
            PERFORM emit_usage_event(alert.kind, entry);
        END LOOP;
    END IF;
END $$;
