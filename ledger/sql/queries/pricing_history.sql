-- What the replay starts from, for the workspaces from :first to :last, packed: one row of arrays, 4 bytes a number. All
-- arrays are of the same order, which is any. A step is everything from one credit of the plan (or grant, or purchase that
-- no limit hit led to) up to the next; purchases at a limit hit are forgotten: they are what is replayed. imputed: what was
-- met, and while blocked the workspace's own usual rate, or what it was seen to ask for if that is more. ahead: at that rate
-- from :data_to to the plan's next credit, beside each credit; only the last one's counts. pace: minutes of 30 days at
-- that rate.
WITH chosen AS MATERIALIZED (
    SELECT w.workspace_id, row_number() OVER (ORDER BY w.workspace_id) - 1 AS number,
           (SELECT CASE WHEN bool_or(s.ended_at IS NULL) THEN NULL ELSE max(s.ended_at) END
            FROM subscriptions s WHERE s.workspace_id = w.workspace_id) AS ended_at
    FROM workspaces w
    WHERE w.source = :source AND w.workspace_id >= :first AND w.workspace_id <= :last AND w.workspace_id NOT LIKE 'sim:%'
), spells AS (  -- the plan of a credit is that of the last spell that had begun
    SELECT s.workspace_id, s.started_at, p.minutes, p.plan_no,
           coalesce(lead(s.started_at) OVER (PARTITION BY s.workspace_id ORDER BY s.started_at, s.subscription_no), 'infinity') AS until
    FROM subscriptions s
    JOIN (SELECT plan, minutes, row_number() OVER (ORDER BY plan) - 1 AS plan_no FROM plans) p ON p.plan = s.plan
    WHERE s.workspace_id >= :first AND s.workspace_id <= :last
), epochs AS (
    SELECT c.number, coalesce(c.ended_at <= :data_to, false) AS ended, l.workspace_id, l.lot_id, l.kind, l.acquired_at,
           (l.minutes - l.voided)::float8 AS kept,
           coalesce(u.plan_minutes + u.extra_minutes, 0)::float8 AS met, coalesce(u.unmet_minutes, 0)::float8 AS unmet, h.at AS hit_at,
           l.kind = 'purchase' AND lag(h.at) OVER (PARTITION BY c.number ORDER BY l.lot_id) IS NULL AS unprompted,
           greatest(coalesce(lead(l.acquired_at) OVER (PARTITION BY c.number ORDER BY l.lot_id),
                             least(c.ended_at, :data_to)), l.acquired_at) AS ends_at
    FROM chosen c
    JOIN lots l ON l.workspace_id = c.workspace_id
    LEFT JOIN usage_by_epoch u ON u.workspace_id = l.workspace_id AND u.epoch = l.lot_id
                               AND u.workspace_id >= :first AND u.workspace_id <= :last
    LEFT JOIN crossings h ON h.workspace_id = l.workspace_id AND h.epoch = l.lot_id AND h.kind = 'limit_hit'
                          AND h.workspace_id >= :first AND h.workspace_id <= :last
    WHERE l.acquired_at <= :data_to
      AND l.workspace_id >= :first AND l.workspace_id <= :last
), timed AS (
    SELECT e.*, extract(epoch FROM e.ends_at - e.acquired_at)::float8 AS lasted,
           CASE WHEN e.hit_at IS NULL THEN 0
                ELSE greatest(extract(epoch FROM e.ends_at - greatest(e.hit_at, e.acquired_at)), 0) END::float8 AS blocked,
           greatest(count(*) FILTER (WHERE e.kind <> 'purchase' OR e.unprompted) OVER (PARTITION BY e.number ORDER BY e.lot_id), 1) - 1 AS step
    FROM epochs e
), rated AS (
    SELECT t.*, sum(t.met) OVER w / greatest(sum(t.lasted - t.blocked) OVER w, 86400) AS rate
    FROM timed t WINDOW w AS (PARTITION BY t.number)
), steps AS (
    SELECT r.number, r.step, sum(r.met + r.unmet) AS demand,
           sum(r.met + greatest(r.unmet, round(r.rate * r.blocked))) AS imputed,
           coalesce(sum(r.kept) FILTER (WHERE r.kind = 'grant'), 0) AS granted,
           coalesce(sum(r.kept) FILTER (WHERE r.unprompted), 0) AS bought,
           max(CASE WHEN r.kind = 'plan' THEN greatest(round(r.kept / p.minutes), 1) ELSE 0 END) AS months,
           max(CASE WHEN r.kind = 'plan' THEN p.plan_no ELSE 0 END) AS plan_no,
           max(CASE WHEN r.kind = 'plan' AND NOT r.ended THEN round(r.rate * greatest(extract(epoch FROM
               r.acquired_at + greatest(round(r.kept / p.minutes), 1) * interval '1 month' - :data_to), 0)) ELSE 0 END) AS ahead,
           max(round(r.rate * 2592000)) AS pace
    FROM rated r
    LEFT JOIN spells p ON r.kind = 'plan' AND p.workspace_id = r.workspace_id
                      AND r.acquired_at >= p.started_at AND r.acquired_at < p.until
    GROUP BY r.number, r.step
)
SELECT (SELECT string_agg(workspace_id, ' ' ORDER BY number) FROM chosen) AS workspace_ids,
       string_agg(int4send(number::integer), ''::bytea) AS number,
       string_agg(int4send(step::integer), ''::bytea) AS step,
       string_agg(int4send(least(demand, 2147483647)::integer), ''::bytea) AS demand,
       string_agg(int4send(least(imputed, 2147483647)::integer), ''::bytea) AS imputed,
       string_agg(int4send(least(granted, 2147483647)::integer), ''::bytea) AS granted,
       string_agg(int4send(least(bought, 2147483647)::integer), ''::bytea) AS bought,
       string_agg(int4send(least(coalesce(months, 1), 120)::integer), ''::bytea) AS months,
       string_agg(int4send(coalesce(plan_no, 0)::integer), ''::bytea) AS plan_no,
       string_agg(int4send(least(coalesce(ahead, 0), 2147483647)::integer), ''::bytea) AS ahead,
       string_agg(int4send(least(pace, 2147483647)::integer), ''::bytea) AS pace
FROM steps;
