-- The one INSERT into the statement, for one entry or a batch. What follows from the other columns of an entry is filled in here.
CREATE OR REPLACE FUNCTION insert_entries(p_entries entries[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO entries (workspace_id, entry_no, previous_no, kind, key, plan_before, plan_delta, plan_after, extra_before, extra_delta,
                         extra_after, minutes, unmet_minutes, used_after, at, recorded_at, latest_at, epoch, gauge_base, lot_id,
                         duration_seconds, overage_policy, actor, thresholds, reason, reference)
    SELECT e.workspace_id, e.entry_no, nullif(e.entry_no - 1, 0), e.kind, e.key, e.plan_after - e.plan_delta, e.plan_delta, e.plan_after,
           e.extra_after - e.extra_delta, e.extra_delta, e.extra_after, e.minutes,
           e.minutes - abs(e.plan_delta + e.extra_delta), e.used_after, e.at, e.recorded_at, e.latest_at, e.epoch, e.gauge_base, e.lot_id,
           e.duration_seconds, e.overage_policy, e.actor, e.thresholds, e.reason, e.reference
    FROM unnest(p_entries) e;
END $$;
