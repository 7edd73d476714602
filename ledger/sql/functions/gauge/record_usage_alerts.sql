-- Records what a use crossed, each at most once for an epoch: 80/90/100%, the plan running out with extra minutes left, the limit.
CREATE OR REPLACE FUNCTION record_usage_alerts(workspace workspace_minutes, entry entries) RETURNS workspace_minutes
LANGUAGE plpgsql AS $$
DECLARE
    threshold smallint;
BEGIN
    IF entry.thresholds IS NOT NULL THEN
        FOREACH threshold IN ARRAY entry.thresholds LOOP
            INSERT INTO usage_alerts (workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes)
            VALUES (entry.workspace_id, entry.epoch, 'used_' || threshold, entry.entry_no, entry.at, entry.recorded_at, 0);
            PERFORM emit_usage_event('used_' || threshold, entry);
        END LOOP;
        workspace.warned := threshold;
    END IF;
    IF NOT workspace.plan_exhausted AND entry.plan_delta < 0 AND entry.plan_after = 0 AND entry.extra_after > entry.extra_delta THEN
        INSERT INTO usage_alerts (workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes)
        VALUES (entry.workspace_id, entry.epoch, 'plan_exhausted', entry.entry_no, entry.at, entry.recorded_at, 0);
        PERFORM emit_usage_event('plan_exhausted', entry);
        workspace.plan_exhausted := true;
    END IF;
    IF NOT workspace.limit_hit AND (entry.unmet_minutes > 0 OR entry.plan_after + entry.extra_after = 0) THEN
        INSERT INTO usage_alerts (workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes)
        VALUES (entry.workspace_id, entry.epoch, 'limit_hit', entry.entry_no, entry.at, entry.recorded_at, entry.unmet_minutes);
        PERFORM emit_usage_event('limit_hit', entry);
        workspace.limit_hit := true;
    END IF;
    IF entry.overage_policy = 'refused' THEN
        PERFORM emit_usage_event('refused', entry);
    END IF;
    RETURN workspace;
END $$;
