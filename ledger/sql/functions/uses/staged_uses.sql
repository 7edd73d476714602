-- What each new use of a batch does to its locked workspace: its entry, and what else must be known of it. Nothing is credited
-- within a batch, so every number is closed form: uses up to here have drawn least(demand, what was there), from the stretches of
-- the balance that the lots hold. A use that its current lot covers needs no look at the lots; for the others `o` is: plan
-- minutes drawn up to this use, and with it, and the one lot that it draws from and leaves minutes in.
CREATE OR REPLACE VIEW staged_uses AS
    SELECT u.batch, u.workspace_id, u.entry_no, u.key, u.minutes, u.at, u.duration_seconds, u.plan_before, u.plan_after - u.plan_before AS plan_delta,
           u.plan_after, u.extra_before, u.extra_after - u.extra_before AS extra_delta, u.extra_after,
           u.minutes - (u.drawn_to - u.drawn_from) AS unmet_minutes, u.used_after, u.latest_at, u.recorded_at, u.epoch, u.gauge_base, u.lot_id,
           CASE WHEN u.level > u.warned THEN thresholds_between(u.warned, u.level) END AS thresholds,
           NOT u.plan_exhausted AND u.plan_before > 0 AND u.plan_after = 0 AND u.extra_before > 0 AS exhausts_plan,
           NOT u.limit_hit AND u.demand >= u.total AND (u.ordinal = 1 OR u.drawn_from < u.total) AS hits_limit
    FROM (
        SELECT b.batch, b.workspace_id, b.key, b.minutes, b.at, b.duration_seconds, b.demand, b.ordinal, s.total, s.drawn_from, s.drawn_to,
               w.entry_no + b.ordinal AS entry_no, w.minutes_used + s.drawn_to AS used_after,
               w.minutes_remaining - p.plan_from AS plan_before, w.minutes_remaining - p.plan_to AS plan_after,
               s.total - s.drawn_from - (w.minutes_remaining - p.plan_from) AS extra_before,
               s.total - s.drawn_to - (w.minutes_remaining - p.plan_to) AS extra_after, p.lot_id,
               greatest(w.latest_at, b.latest_at) AS latest_at, w.recorded_at, w.epoch, w.gauge_base, w.plan_exhausted, w.limit_hit,
               gauge_level(w.gauge_base, s.total - s.drawn_to) AS level,
               CASE WHEN b.ordinal = 1 THEN w.warned
                    ELSE greatest(w.warned, gauge_level(w.gauge_base, s.total - s.drawn_from)) END AS warned
        FROM use_batches b
        JOIN workspace_minutes w ON w.workspace_id = b.workspace_id
        CROSS JOIN LATERAL (
            SELECT w.minutes_remaining + w.extra_minutes_remaining AS total,
                   least(b.demand, w.minutes_remaining + w.extra_minutes_remaining) AS drawn_to,
                   least(b.demand - b.minutes, w.minutes_remaining + w.extra_minutes_remaining) AS drawn_from
        ) s
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(least(l.to_minute, s.drawn_from) - l.from_minute)
                            FILTER (WHERE l.is_plan AND l.from_minute < s.drawn_from), 0)::bigint AS plan_from,
                   coalesce(sum(least(l.to_minute, s.drawn_to) - l.from_minute)
                            FILTER (WHERE l.is_plan AND l.from_minute < s.drawn_to), 0)::bigint AS plan_to,
                   max(l.lot_id) FILTER (WHERE l.from_minute <= s.drawn_from AND s.drawn_to < l.to_minute) AS lot_id
            FROM open_lots l WHERE l.workspace_id = b.workspace_id AND b.demand >= w.current_remaining
        ) o
        CROSS JOIN LATERAL (
            SELECT CASE WHEN b.demand >= w.current_remaining THEN o.plan_from WHEN w.current_is_plan THEN b.demand - b.minutes ELSE 0 END AS plan_from,
                   CASE WHEN b.demand >= w.current_remaining THEN o.plan_to WHEN w.current_is_plan THEN b.demand ELSE 0 END AS plan_to,
                   CASE WHEN b.demand >= w.current_remaining THEN o.lot_id ELSE w.current_lot_id END AS lot_id
        ) p
        WHERE b.booked_no IS NULL AND b.refusal IS NULL
    ) u;

-- grants
GRANT SELECT ON staged_uses TO ledger_app;
