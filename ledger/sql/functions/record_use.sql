-- One use of minutes, in one round trip: lock, book what is due, draw plan lots then extra lots oldest first, write entry and draws.
-- p_take: partial = draw what is there, the rest is unmet; full = all or nothing; extra = extra minutes only; refused = draw nothing.
-- The same key with the same body returns the first answer (repeated) and changes nothing.
-- A refusal is an answer (the SQLSTATE to raise), so that one bad use does not abort its batch.
CREATE OR REPLACE FUNCTION record_use(
    p_workspace_id text, p_minutes bigint, p_key text, p_at timestamptz, p_duration_seconds bigint, p_take use_take,
    OUT entry entries, OUT repeated boolean, OUT refusal text
)
LANGUAGE plpgsql AS $$
DECLARE
    wm workspace_minutes;
    from_plan bigint := 0;
    from_extra bigint := 0;
    taken bigint;
    level smallint;
BEGIN
    SELECT * INTO wm FROM workspace_minutes w WHERE w.workspace_id = p_workspace_id FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        wm := lock_busy_workspace(p_workspace_id);
    END IF;
    IF wm.workspace_id IS NULL THEN
        refusal := 'LG404';
        RETURN;
    END IF;
    SELECT * INTO entry FROM entries e WHERE e.workspace_id = p_workspace_id AND e.kind = 'use' AND e.key = p_key;
    repeated := FOUND;
    IF repeated THEN
        refusal := repeat_refusal(entry, p_minutes, p_duration_seconds, p_take);
        RETURN;
    END IF;
    refusal := use_refusal(p_minutes, p_at, p_duration_seconds);
    IF refusal IS NOT NULL THEN
        IF refusal <> 'LG422' THEN -- what no caller of ours passes
            PERFORM raise_use_refusal(refusal, p_minutes, p_at, p_duration_seconds);
        END IF;
        RETURN;
    END IF;
    IF wm.minutes_reset_date <= p_at THEN
        wm := book_due_periods(wm, p_at);
    END IF;
    IF p_take <> 'refused' THEN
        from_plan := CASE p_take WHEN 'extra' THEN 0 ELSE least(p_minutes, wm.minutes_remaining) END;
        from_extra := least(p_minutes - from_plan, wm.extra_minutes_remaining);
    END IF;
    taken := from_plan + from_extra;
    IF p_take = 'full' AND taken < p_minutes THEN
        refusal := 'LG402';
        RETURN;
    END IF;
    level := gauge_level(wm.top, wm.minutes_remaining + wm.extra_minutes_remaining - taken);
    INSERT INTO entries (workspace_id, entry_no, kind, key, plan_delta, plan_after, extra_delta, extra_after, minutes, unmet_minutes,
                         used_after, at, recorded_at, latest_at, epoch, top, duration_seconds, take, actor, thresholds)
    VALUES (p_workspace_id, wm.entry_no + 1, 'use', p_key, -from_plan, wm.minutes_remaining - from_plan, -from_extra,
            wm.extra_minutes_remaining - from_extra, p_minutes, p_minutes - taken, wm.minutes_used + taken, p_at,
            greatest(wm.recorded_at, clock_timestamp()), greatest(wm.latest_at, p_at), wm.epoch, wm.top, p_duration_seconds, p_take,
            'usage', CASE WHEN level > wm.warned THEN thresholds_between(wm.warned, level) END)
    RETURNING * INTO entry;
    IF taken > 0 AND taken < wm.current_remaining AND (from_plan > 0 OR entry.plan_after = 0) THEN -- as draw_lots, without its call
        UPDATE lots l SET drawn = l.drawn + taken WHERE l.workspace_id = p_workspace_id AND l.lot_id = wm.current_lot_id;
        INSERT INTO draws (workspace_id, entry_no, lot_id, minutes) VALUES (p_workspace_id, entry.entry_no, wm.current_lot_id, taken);
        wm.current_remaining := wm.current_remaining - taken;
    ELSIF taken > 0 THEN
        wm := draw_lots(wm, entry.entry_no, taken, p_take = 'extra');
    END IF;
    IF entry.plan_after = 0 OR entry.unmet_minutes > 0 OR entry.thresholds IS NOT NULL THEN
        wm := cross_thresholds(wm, entry);
    END IF;
    UPDATE workspace_minutes w
    SET entry_no = entry.entry_no, minutes_remaining = entry.plan_after, extra_minutes_remaining = entry.extra_after,
        minutes_used = entry.used_after, latest_at = entry.latest_at, recorded_at = entry.recorded_at, current_lot_id = wm.current_lot_id,
        current_remaining = wm.current_remaining, warned = wm.warned, plan_exhausted = wm.plan_exhausted, limit_hit = wm.limit_hit
    WHERE w.workspace_id = p_workspace_id;
END $$;
