-- What the replay starts from, packed: one row of arrays, each array 4 bytes a number in the same order.
-- A step is everything from one credit of the plan (or gift) up to the next; purchases inside it are forgotten.
WITH chosen AS (
    SELECT workspace_id, row_number() OVER (ORDER BY workspace_id) - 1 AS number
    FROM workspaces WHERE source = :source
), epochs AS (
    SELECT c.number, l.lot_id, l.kind, l.minutes - l.voided AS kept, l.acquired_at, l.workspace_id,
           coalesce(u.plan_minutes + u.extra_minutes, 0) AS met, coalesce(u.unmet_minutes, 0) AS unmet
    FROM chosen c
    JOIN lots l ON l.workspace_id = c.workspace_id
    LEFT JOIN usage_by_epoch u ON u.workspace_id = l.workspace_id AND u.epoch = l.lot_id
    WHERE l.acquired_at <= :data_to
), stepped AS (
    SELECT e.*, greatest(count(*) FILTER (WHERE e.kind <> 'purchase') OVER (PARTITION BY e.number ORDER BY e.lot_id), 1) - 1 AS step
    FROM epochs e
), steps AS (
    SELECT s.number, s.step, sum(s.met + s.unmet) AS demand,
           coalesce(sum(s.kept) FILTER (WHERE s.kind = 'grant'), 0) AS gift,
           max(CASE WHEN s.kind = 'plan' THEN greatest(round(s.kept::numeric / p.minutes), 1) ELSE 0 END) AS months,
           max(CASE WHEN s.kind = 'plan' THEN p.plan_no ELSE 0 END) AS plan_no
    FROM stepped s
    LEFT JOIN LATERAL (
        SELECT pl.minutes, pl.plan_no
        FROM subscriptions sub
        JOIN (SELECT plan, minutes, row_number() OVER (ORDER BY plan) - 1 AS plan_no FROM plans) pl ON pl.plan = sub.plan
        WHERE sub.workspace_id = s.workspace_id AND sub.started_at <= s.acquired_at
        ORDER BY sub.started_at DESC, sub.subscription_no DESC LIMIT 1
    ) p ON s.kind = 'plan'
    GROUP BY s.number, s.step
    ORDER BY s.number, s.step
)
SELECT (SELECT string_agg(workspace_id, ' ' ORDER BY number) FROM chosen) AS workspace_ids,
       string_agg(int4send(number::integer), ''::bytea ORDER BY number, step) AS number,
       string_agg(int4send(step::integer), ''::bytea ORDER BY number, step) AS step,
       string_agg(int4send(least(demand, 2147483647)::integer), ''::bytea ORDER BY number, step) AS demand,
       string_agg(int4send(least(gift, 2147483647)::integer), ''::bytea ORDER BY number, step) AS gift,
       string_agg(int4send(least(coalesce(months, 1), 120)::integer), ''::bytea ORDER BY number, step) AS months,
       string_agg(int4send(coalesce(plan_no, 0)::integer), ''::bytea ORDER BY number, step) AS plan_no
FROM steps;
