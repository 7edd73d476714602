-- What each new use of a batch does to its locked workspace: its entry, and what else must be known of it. Nothing is credited
-- within a batch, so every number is closed form: uses up to here have drawn least(demand, what was there), from the stretches of
-- the balance that the lots hold. A use that its current lot covers needs no look at the lots; for the others `split` is: plan
-- minutes drawn up to this use, and with it, and the one lot that it draws from and leaves minutes in.
-- Who looks for one workspace says COLLATE "C": what a function returns has lost that, and with it the index.
CREATE OR REPLACE FUNCTION staged_uses(p_batch bigint, p_recorded_at timestamptz)
RETURNS TABLE (
    workspace_id text, entry entries, drawn_from bigint, drawn_to bigint, level smallint, warned smallint, exhausts_plan boolean,
    hits_limit boolean
)
LANGUAGE sql STABLE AS $$
    SELECT u.workspace_id,
           -- in the order of the columns of `entries`
           ROW(u.entry_no, u.plan_after - u.plan_before, u.plan_after, u.extra_after - u.extra_before, u.extra_after,
               u.minutes, u.minutes - (u.drawn_to - u.drawn_from), u.used_after, u.at, u.recorded_at, u.latest_at, u.epoch, u.gauge_base,
               u.lot_id, u.duration_seconds, nullif(u.entry_no - 1, 0), u.plan_before, u.extra_before, u.workspace_id, 'use', u.key,
               'partial', 'usage', CASE WHEN u.level > u.warned THEN thresholds_between(u.warned, u.level) END, NULL, NULL)::entries,
           u.drawn_from, u.drawn_to, u.level, u.warned,
           NOT u.plan_exhausted AND u.plan_before > 0 AND u.plan_after = 0 AND u.extra_before > 0,
           NOT u.limit_hit AND u.demand >= u.total AND (u.ordinal = 1 OR u.drawn_from < u.total)
    FROM (
        SELECT b.workspace_id, b.key, b.minutes, b.at, b.duration_seconds, b.demand, b.ordinal, s.total, s.drawn_from, s.drawn_to,
               w.entry_no + b.ordinal AS entry_no, w.minutes_used + s.drawn_to AS used_after,
               w.minutes_remaining - p.split[1] AS plan_before, w.minutes_remaining - p.split[2] AS plan_after,
               s.total - s.drawn_from - (w.minutes_remaining - p.split[1]) AS extra_before,
               s.total - s.drawn_to - (w.minutes_remaining - p.split[2]) AS extra_after, p.split[3] AS lot_id,
               greatest(w.latest_at, b.latest_at) AS latest_at, greatest(w.recorded_at, p_recorded_at) AS recorded_at, w.epoch,
               w.gauge_base, w.plan_exhausted, w.limit_hit, gauge_level(w.gauge_base, s.total - s.drawn_to) AS level,
               CASE b.ordinal WHEN 1 THEN w.warned
                              ELSE greatest(w.warned, gauge_level(w.gauge_base, s.total - s.drawn_from)) END AS warned
        FROM use_batches b
        JOIN workspace_minutes w ON w.workspace_id = b.workspace_id
        CROSS JOIN LATERAL (
            SELECT w.minutes_remaining + w.extra_minutes_remaining AS total,
                   least(b.demand, w.minutes_remaining + w.extra_minutes_remaining) AS drawn_to,
                   least(b.demand - b.minutes, w.minutes_remaining + w.extra_minutes_remaining) AS drawn_from
        ) s
        CROSS JOIN LATERAL (
            SELECT CASE WHEN b.demand >= w.current_remaining THEN (
                            SELECT ARRAY[
                                coalesce(sum(least(l.to_minute, s.drawn_from) - l.from_minute)
                                         FILTER (WHERE l.is_plan AND l.from_minute < s.drawn_from), 0)::bigint,
                                coalesce(sum(least(l.to_minute, s.drawn_to) - l.from_minute)
                                         FILTER (WHERE l.is_plan AND l.from_minute < s.drawn_to), 0)::bigint,
                                max(l.lot_id) FILTER (WHERE l.from_minute <= s.drawn_from AND s.drawn_to < l.to_minute)]
                            FROM open_lots(b.workspace_id) l)
                        WHEN w.current_is_plan THEN ARRAY[b.demand - b.minutes, b.demand, w.current_lot_id]
                        ELSE ARRAY[0, 0, w.current_lot_id] END AS split
            OFFSET 0 -- computed once for each use, not once for each mention
        ) p
        WHERE b.batch = p_batch AND b.booked_no IS NULL AND b.refusal IS NULL
    ) u;
$$;
