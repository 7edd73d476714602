-- What each new use of a batch does to its locked workspace. Nothing is credited within a batch, so every number is closed form:
-- uses up to here have drawn least(demand, what was there).
CREATE OR REPLACE VIEW staged_uses AS
    SELECT b.batch, b.workspace_id, b.key, b.minutes, b.at, b.duration_seconds, b.ordinal, w.entry_no + b.ordinal AS entry_no,
           s.plan_to - s.plan_from AS from_plan, (s.drawn_to - s.drawn_from) - (s.plan_to - s.plan_from) AS from_extra,
           w.minutes_remaining - s.plan_to AS plan_after, s.total - s.drawn_to - (w.minutes_remaining - s.plan_to) AS extra_after,
           w.minutes_used + s.drawn_to AS used_after, s.drawn_from, s.drawn_to,
           greatest(w.latest_at, b.latest_at) AS latest_at, w.recorded_at, w.epoch, w.top,
           gauge_level(w.top, s.total - s.drawn_to) AS level,
           CASE b.ordinal WHEN 1 THEN w.warned ELSE greatest(w.warned, gauge_level(w.top, s.total - s.drawn_from)) END AS warned,
           NOT w.plan_exhausted AND w.extra_minutes_remaining > 0 AND b.demand >= w.minutes_remaining
               AND b.demand - b.minutes < w.minutes_remaining AS exhausts_plan,
           NOT w.limit_hit AND b.demand >= s.total AND (b.ordinal = 1 OR s.drawn_from < s.total) AS hits_limit
    FROM use_batches b
    JOIN workspace_minutes w ON w.workspace_id = b.workspace_id
    CROSS JOIN LATERAL (
        SELECT w.minutes_remaining + w.extra_minutes_remaining AS total,
               least(b.demand, w.minutes_remaining) AS plan_to,
               least(b.demand - b.minutes, w.minutes_remaining) AS plan_from,
               least(b.demand, w.minutes_remaining + w.extra_minutes_remaining) AS drawn_to,
               least(b.demand - b.minutes, w.minutes_remaining + w.extra_minutes_remaining) AS drawn_from
    ) s
    WHERE b.booked_no IS NULL;

-- grants
GRANT SELECT ON staged_uses TO ledger_app;
