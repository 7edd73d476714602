-- One use of minutes, in one round trip. The same key with the same body returns the first answer (repeated) and changes nothing.
-- p_overage_policy: partial = draw what is there, the rest is unmet; full = all or nothing; extra = extra minutes only;
-- refused = draw nothing. A refusal is an answer (the SQLSTATE to raise), so that one bad use does not abort its batch.
--
-- The usual use leaves minutes in the current lot and crosses nothing: one update locks the workspace and moves it, if nobody
-- is writing it (xmax; xmin is there when its last writer had locked it first) and it is still the row that was read (ctid, and
-- entry_no, because PostgreSQL before 15.15, 16.11, 17.7 and 18.1 follows a ctid to a newer row without comparing it again) when
-- the key was found to be new. Every other use locks first and is booked by book_use. A workspace that somebody else holds is read
-- again after 4, 8, 16 and 32 ms, and queued for only then: each commit would wake the whole queue, to find the row locked again
-- and its caches evicted.
CREATE OR REPLACE FUNCTION record_use(
    p_workspace_id text, p_minutes bigint, p_key text, p_at timestamptz, p_duration_seconds bigint, p_overage_policy overage_policy,
    OUT entry entries, OUT repeated boolean, OUT refusal text
)
LANGUAGE plpgsql AS $$
DECLARE
    workspace workspace_minutes;
    booked record;
    looked_at timestamptz;
BEGIN
    FOR look IN 0..4 LOOP
        looked_at := clock_timestamp();
        UPDATE workspace_minutes w
        SET entry_no = w.entry_no + 1, current_remaining = w.current_remaining - p_minutes, minutes_used = w.minutes_used + p_minutes,
            minutes_remaining = w.minutes_remaining - CASE WHEN w.current_is_plan THEN p_minutes ELSE 0 END,
            extra_minutes_remaining = w.extra_minutes_remaining - CASE WHEN w.current_is_plan THEN 0 ELSE p_minutes END,
            latest_at = greatest(w.latest_at, p_at), recorded_at = greatest(w.recorded_at, looked_at)
        WHERE w.workspace_id = p_workspace_id AND (w.ctid, w.entry_no) = (
            SELECT r.ctid, r.entry_no FROM workspace_minutes r
            WHERE r.workspace_id = p_workspace_id AND r.xmax IN ('0', r.xmin) AND r.current_remaining > p_minutes
              AND (r.minutes_reset_date <= p_at) IS NOT TRUE AND p_overage_policy IN ('partial', 'full')
              AND gauge_level(r.gauge_base, r.minutes_remaining + r.extra_minutes_remaining - p_minutes) <= r.warned
              AND use_refusal(p_minutes, p_at, p_duration_seconds) IS NULL
              AND EXISTS (SELECT 1 FROM entries e WHERE e.workspace_id = p_workspace_id AND e.entry_no = r.entry_no
                          AND e.plan_after = r.minutes_remaining AND e.extra_after = r.extra_minutes_remaining)
              AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.workspace_id = p_workspace_id AND e.kind = 'use'
                              AND key_digest(e.key) = key_digest(p_key) AND e.key = p_key))
        RETURNING * INTO workspace;
        IF FOUND THEN
            entry.workspace_id := p_workspace_id;
            entry.entry_no := workspace.entry_no;
            entry.kind := 'use';
            entry.key := p_key;
            entry.plan_delta := CASE WHEN workspace.current_is_plan THEN -p_minutes ELSE 0 END;
            entry.plan_after := workspace.minutes_remaining;
            entry.extra_delta := CASE WHEN workspace.current_is_plan THEN 0 ELSE -p_minutes END;
            entry.extra_after := workspace.extra_minutes_remaining;
            entry.minutes := p_minutes;
            entry.unmet_minutes := 0;
            entry.used_after := workspace.minutes_used;
            entry.at := p_at;
            entry.recorded_at := workspace.recorded_at;
            entry.latest_at := workspace.latest_at;
            entry.epoch := workspace.epoch;
            entry.gauge_base := workspace.gauge_base;
            entry.lot_id := workspace.current_lot_id;
            entry.duration_seconds := p_duration_seconds;
            entry.overage_policy := p_overage_policy;
            entry.actor := 'usage';
            PERFORM insert_entries(ARRAY[entry], true);
            repeated := false;
            RETURN;
        END IF;
        SELECT * INTO workspace FROM workspace_minutes w WHERE w.workspace_id = p_workspace_id FOR UPDATE SKIP LOCKED;
        EXIT WHEN FOUND;
        IF look = 0 AND NOT EXISTS (SELECT 1 FROM workspace_minutes w WHERE w.workspace_id = p_workspace_id) THEN
            refusal := 'LG404';
            RETURN;
        END IF;
        IF look = 4 THEN
            workspace := lock_workspace(p_workspace_id);
        ELSE
            PERFORM pg_sleep(0.004 * 2 ^ look);
        END IF;
    END LOOP;
    booked := book_use(workspace, p_minutes, p_key, p_at, p_duration_seconds, p_overage_policy);
    entry := booked.entry;
    repeated := booked.repeated;
    refusal := booked.refusal;
END $$;
