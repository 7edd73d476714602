-- Any use, on its locked workspace: books what is due, draws plan lots then extra lots oldest first, writes entry and draws.
-- Arguments and answer are those of record_use.
CREATE OR REPLACE FUNCTION book_use(
    wm workspace_minutes, p_minutes bigint, p_key text, p_at timestamptz, p_duration_seconds bigint, p_take use_take,
    OUT entry entries, OUT repeated boolean, OUT refusal text
)
LANGUAGE plpgsql AS $$
DECLARE
    from_plan bigint := 0;
    from_extra bigint := 0;
    taken bigint;
    one_lot_id bigint; -- where the whole use comes from, and leaves minutes in
    level smallint;
BEGIN
    SELECT * INTO entry FROM entries e WHERE e.workspace_id = wm.workspace_id AND e.kind = 'use' AND e.key = p_key;
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
        wm := book_due_periods(put_back_lot(wm), p_at);
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
    IF wm.current_lot_id IS NULL AND taken > 0 THEN
        SELECT l.lot_id, l.remaining INTO wm.current_lot_id, wm.current_remaining FROM next_lot(wm.workspace_id, false) l;
    END IF;
    IF taken BETWEEN 1 AND wm.current_remaining - 1 AND (p_take <> 'extra' OR wm.minutes_remaining = 0) THEN
        one_lot_id := wm.current_lot_id;
        wm.current_remaining := wm.current_remaining - taken;
    END IF;
    level := gauge_level(wm.top, wm.minutes_remaining + wm.extra_minutes_remaining - taken);
    INSERT INTO entries (workspace_id, entry_no, previous_no, kind, key, plan_before, plan_delta, plan_after, extra_before, extra_delta,
                         extra_after, minutes, unmet_minutes, used_after, at, recorded_at, latest_at, epoch, top, lot_id,
                         duration_seconds, take, actor, thresholds)
    VALUES (wm.workspace_id, wm.entry_no + 1, nullif(wm.entry_no, 0), 'use', p_key, wm.minutes_remaining, -from_plan,
            wm.minutes_remaining - from_plan, wm.extra_minutes_remaining, -from_extra, wm.extra_minutes_remaining - from_extra,
            p_minutes, p_minutes - taken, wm.minutes_used + taken, p_at,
            greatest(wm.recorded_at, clock_timestamp()), greatest(wm.latest_at, p_at), wm.epoch, wm.top, one_lot_id,
            p_duration_seconds, p_take, 'usage', CASE WHEN level > wm.warned THEN thresholds_between(wm.warned, level) END)
    RETURNING * INTO entry;
    IF taken > 0 AND one_lot_id IS NULL THEN
        wm := draw_lots(wm, entry.entry_no, taken, p_take = 'extra');
    END IF;
    IF entry.plan_after = 0 OR entry.unmet_minutes > 0 OR entry.thresholds IS NOT NULL THEN
        wm := cross_thresholds(wm, entry);
    END IF;
    UPDATE workspace_minutes w
    SET entry_no = entry.entry_no, minutes_remaining = entry.plan_after, extra_minutes_remaining = entry.extra_after,
        minutes_used = entry.used_after, latest_at = entry.latest_at, recorded_at = entry.recorded_at, current_lot_id = wm.current_lot_id,
        current_remaining = wm.current_remaining, warned = wm.warned, plan_exhausted = wm.plan_exhausted, limit_hit = wm.limit_hit
    WHERE w.workspace_id = wm.workspace_id;
END $$;
