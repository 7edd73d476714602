-- A batch of uses in a fixed number of set-based statements: exactly what record_use would do with them one by one, in list order.
-- Answers one row for each (workspace, key) that the ledger then holds; `repeated` = it held it before. No row: unknown workspace.
-- Bodies of repeated keys are compared by the caller. A new use that can never be booked is an error, and the batch with it.
-- The joins are pinned to index lookups: statistics of a table that fills and empties with every batch mislead the planner.
-- One plan serves all batches of a connection: to plan them anew each time is dear.
CREATE OR REPLACE FUNCTION record_uses(
    p_batch bigint, p_workspace_ids text[], p_minutes bigint[], p_keys text[], p_ats timestamptz[], p_durations bigint[]
) RETURNS TABLE (
    workspace_id text, key varchar, entry_no bigint, minutes bigint, plan_delta bigint, extra_delta bigint, unmet_minutes bigint,
    plan_after bigint, extra_after bigint, gauge_base bigint, thresholds smallint[], duration_seconds bigint, overage_policy overage_policy, repeated boolean,
    at timestamptz
)
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    booked_at timestamptz;
    unusual record;
BEGIN
    PERFORM lock_workspaces(p_workspace_ids);
    PERFORM raise_use_refusal(use_refusal(u.minutes, u.at, u.duration_seconds), u.minutes, u.at, u.duration_seconds)
    FROM unnest(p_workspace_ids, p_minutes, p_keys, p_ats, p_durations) AS u (workspace_id, minutes, key, at, duration_seconds)
    WHERE use_refusal(u.minutes, u.at, u.duration_seconds) IS NOT NULL
      AND NOT EXISTS (SELECT FROM entries e WHERE e.workspace_id = u.workspace_id AND e.kind = 'use' AND e.key = u.key);
    PERFORM stage_uses(p_batch, p_workspace_ids, p_minutes, p_keys, p_ats, p_durations);
    SELECT bool_or(s.singly) AS singly, bool_or(s.beyond_lot) AS beyond_lot, bool_or(s.usage_alert) AS usage_alert INTO unusual
    FROM staged_workspaces(p_batch) s;
    IF unusual.singly THEN
        PERFORM book_staged_singly(p_batch);
    END IF;
    booked_at := clock_timestamp();
    RETURN QUERY
        INSERT INTO entries AS e (workspace_id, entry_no, previous_no, kind, key, plan_before, plan_delta, plan_after, extra_before,
                                  extra_delta, extra_after, minutes, unmet_minutes, used_after, at, recorded_at, latest_at, epoch,
                                  gauge_base, lot_id, duration_seconds, overage_policy, actor, thresholds)
        SELECT u.workspace_id, u.entry_no, nullif(u.entry_no - 1, 0), 'use', u.key, u.plan_after + u.from_plan, -u.from_plan,
               u.plan_after, u.extra_after + u.from_extra, -u.from_extra, u.extra_after, u.minutes,
               u.minutes - u.from_plan - u.from_extra, u.used_after, u.at, greatest(u.recorded_at, booked_at), u.latest_at, u.epoch,
               u.gauge_base, u.lot_id, u.duration_seconds, 'partial', 'usage',
               CASE WHEN u.level > u.warned THEN thresholds_between(u.warned, u.level) END
        FROM staged_uses(p_batch) u
        RETURNING e.workspace_id, e.key, e.entry_no, e.minutes, e.plan_delta, e.extra_delta, e.unmet_minutes, e.plan_after,
                  e.extra_after, e.gauge_base, e.thresholds, e.duration_seconds, e.overage_policy, false, e.at;
    IF unusual.beyond_lot THEN
        PERFORM draw_staged(p_batch);
    END IF;
    IF unusual.usage_alert THEN
        PERFORM alert_staged(p_batch, booked_at);
    END IF;
    PERFORM apply_staged(p_batch, booked_at);
    RETURN QUERY
        SELECT e.workspace_id, e.key, e.entry_no, e.minutes, e.plan_delta, e.extra_delta, e.unmet_minutes, e.plan_after,
               e.extra_after, e.gauge_base, e.thresholds, e.duration_seconds, e.overage_policy, b.repeated, e.at
        FROM use_batches b
        JOIN entries e ON e.workspace_id = b.workspace_id AND e.entry_no = b.booked_no
        WHERE b.batch = p_batch AND b.booked_no IS NOT NULL;
    DELETE FROM use_batches b WHERE b.batch = p_batch;
END $$;
