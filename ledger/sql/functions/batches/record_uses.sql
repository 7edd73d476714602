-- A batch of uses in a fixed number of set-based statements: exactly what record_use would do with them one by one, in list order.
-- Returns one row for each (workspace, key) that is then booked or was refused; `repeated` = it was booked before. No row:
-- the workspace is unknown.
-- The caller compares the bodies of repeated keys. A new use that can never be booked fails the whole batch.
-- The joins are pinned to index lookups: statistics of a table that fills and empties with every batch mislead the planner.
CREATE OR REPLACE FUNCTION record_uses(
    p_batch bigint, p_workspace_ids text[], p_minutes bigint[], p_keys text[], p_ats timestamptz[], p_durations bigint[]
) RETURNS TABLE (
    workspace_id text, key varchar, entry_no bigint, minutes bigint, plan_delta bigint, extra_delta bigint, unmet_minutes bigint,
    plan_after bigint, extra_after bigint, gauge_base bigint, thresholds smallint[], duration_seconds bigint,
    overage_policy overage_policy, repeated boolean, at timestamptz, refusal text
)
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    booked_at timestamptz;
    unusual record;
    never record; -- a new use that can never be booked
    booked entries[];
BEGIN
    PERFORM lock_workspaces(p_workspace_ids);
    PERFORM stage_uses(p_batch, p_workspace_ids, p_minutes, p_keys, p_ats, p_durations);
    SELECT b.minutes, b.at, b.duration_seconds INTO never FROM use_batches b
    WHERE b.batch = p_batch AND b.booked_no IS NULL AND use_refusal(b.minutes, b.at, b.duration_seconds) IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM raise_use_refusal(use_refusal(never.minutes, never.at, never.duration_seconds), never.minutes, never.at, never.duration_seconds);
    END IF;
    SELECT bool_or(s.singly) AS singly, bool_or(s.beyond_lot) AS beyond_lot, bool_or(s.alerting) AS alerting INTO unusual
    FROM staged_workspaces s WHERE s.batch = p_batch;
    IF unusual.singly THEN
        PERFORM book_staged_singly(p_batch);
    END IF;
    booked_at := clock_timestamp();
    booked := ARRAY( -- in the order of the columns of `entries`
        SELECT ROW(u.entry_no, nullif(u.entry_no - 1, 0), u.plan_after, u.extra_after, u.used_after, u.at, greatest(u.recorded_at, booked_at),
                   u.latest_at, u.gauge_base, u.lot_id, u.duration_seconds, u.plan_delta, u.extra_delta, u.minutes, u.unmet_minutes, u.epoch,
                   'use', 'partial', u.workspace_id, u.key, 'usage', u.thresholds, NULL, NULL)::entries
        FROM staged_uses u WHERE u.batch = p_batch);
    PERFORM insert_entries(booked);
    RETURN QUERY
        SELECT e.workspace_id, e.key, e.entry_no, e.minutes::bigint, e.plan_delta::bigint, e.extra_delta::bigint,
               e.unmet_minutes::bigint, e.plan_after,
               e.extra_after, e.gauge_base, e.thresholds, e.duration_seconds, e.overage_policy, false, e.at, NULL::text
        FROM unnest(booked) e;
    IF unusual.alerting THEN
        PERFORM alert_staged(p_batch, booked_at);
    END IF;
    IF unusual.beyond_lot THEN -- last: what a use does to the pools is read from the lots as they were
        PERFORM draw_staged(p_batch);
    END IF;
    PERFORM apply_staged(p_batch);
    RETURN QUERY
        SELECT b.workspace_id, b.key::varchar, e.entry_no, e.minutes::bigint, e.plan_delta::bigint, e.extra_delta::bigint,
               e.unmet_minutes::bigint, e.plan_after,
               e.extra_after, e.gauge_base, e.thresholds, e.duration_seconds, e.overage_policy, b.repeated, e.at, b.refusal
        FROM use_batches b
        LEFT JOIN entries e ON e.workspace_id = b.workspace_id AND e.entry_no = b.booked_no
        WHERE b.batch = p_batch AND (b.booked_no IS NOT NULL OR b.refusal IS NOT NULL);
    DELETE FROM use_batches b WHERE b.batch = p_batch;
END $$;
