-- What each new use of a batch does to its locked workspace. Nothing is credited within a batch, so every number is closed form:
-- uses up to here have drawn least(demand, what was there). lot_id: the one lot that the use draws from and leaves minutes in.
-- Who looks for one workspace says COLLATE "C": what a function returns has lost that, and with it the index.
CREATE OR REPLACE FUNCTION staged_uses(p_batch bigint)
RETURNS TABLE (
    workspace_id text, key text, minutes bigint, at timestamptz, duration_seconds bigint, entry_no bigint, from_plan bigint,
    from_extra bigint, plan_after bigint, extra_after bigint, used_after bigint, drawn_from bigint, drawn_to bigint,
    latest_at timestamptz, recorded_at timestamptz, epoch bigint, gauge_base bigint, level smallint, warned smallint,
    exhausts_plan boolean, hits_limit boolean, lot_id bigint
)
LANGUAGE sql STABLE AS $$
    SELECT b.workspace_id, b.key, b.minutes, b.at, b.duration_seconds, w.entry_no + b.ordinal AS entry_no,
           s.plan_to - s.plan_from AS from_plan, (s.drawn_to - s.drawn_from) - (s.plan_to - s.plan_from) AS from_extra,
           w.minutes_remaining - s.plan_to AS plan_after, s.total - s.drawn_to - (w.minutes_remaining - s.plan_to) AS extra_after,
           w.minutes_used + s.drawn_to AS used_after, s.drawn_from, s.drawn_to,
           greatest(w.latest_at, b.latest_at) AS latest_at, w.recorded_at, w.epoch, w.gauge_base,
           gauge_level(w.gauge_base, s.total - s.drawn_to) AS level,
           CASE b.ordinal WHEN 1 THEN w.warned ELSE greatest(w.warned, gauge_level(w.gauge_base, s.total - s.drawn_from)) END AS warned,
           NOT w.plan_exhausted AND w.extra_minutes_remaining > 0 AND b.demand >= w.minutes_remaining
               AND b.demand - b.minutes < w.minutes_remaining AS exhausts_plan,
           NOT w.limit_hit AND b.demand >= s.total AND (b.ordinal = 1 OR s.drawn_from < s.total) AS hits_limit,
           CASE WHEN b.demand < w.current_remaining THEN w.current_lot_id
                ELSE (SELECT l.lot_id FROM open_lots(b.workspace_id) l
                      WHERE l.from_minute <= s.drawn_from AND s.drawn_to < l.to_minute)
           END AS lot_id
    FROM use_batches b
    JOIN workspace_minutes w ON w.workspace_id = b.workspace_id
    CROSS JOIN LATERAL (
        SELECT w.minutes_remaining + w.extra_minutes_remaining AS total,
               least(b.demand, w.minutes_remaining) AS plan_to,
               least(b.demand - b.minutes, w.minutes_remaining) AS plan_from,
               least(b.demand, w.minutes_remaining + w.extra_minutes_remaining) AS drawn_to,
               least(b.demand - b.minutes, w.minutes_remaining + w.extra_minutes_remaining) AS drawn_from
    ) s
    WHERE b.batch = p_batch AND b.booked_no IS NULL;
$$;
