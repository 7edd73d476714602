-- What the replay starts from, for the workspaces from :first to :last, packed: one row of arrays, 4 bytes a number. All
-- arrays are of the same order, which is any. A step is everything from one credit of the plan (or grant, or purchase that
-- no limit hit led to) up to the next; purchases at a limit hit are forgotten: they are what is replayed. imputed: what was
-- met, and what was asked for while blocked (timed_epochs). ahead: at the usual rate from :data_to to the plan's next credit,
-- beside each credit; only the last one's counts. pace: minutes of 30 days at that rate.
WITH chosen AS MATERIALIZED (
    SELECT w.workspace_id, row_number() OVER (ORDER BY w.workspace_id) - 1 AS number
    FROM workspaces w
    WHERE w.source = :source AND w.workspace_id >= :first AND w.workspace_id <= :last AND w.workspace_id NOT LIKE 'sim:%'
), spells AS (  -- the plan of a credit is that of the last spell that had begun
    SELECT s.workspace_id, s.started_at, p.minutes, p.plan_no,
           coalesce(lead(s.started_at) OVER (PARTITION BY s.workspace_id ORDER BY s.started_at, s.subscription_no), 'infinity') AS until
    FROM subscriptions s
    JOIN (SELECT plan, minutes, row_number() OVER (ORDER BY plan) - 1 AS plan_no FROM plans) p ON p.plan = s.plan
    WHERE s.workspace_id >= :first AND s.workspace_id <= :last
), counted AS (
    SELECT e.*, e.kind = 'purchase' AND NOT e.prompted AS unprompted,
           greatest(count(*) FILTER (WHERE e.kind <> 'purchase' OR NOT e.prompted)
                    OVER (PARTITION BY e.workspace_id COLLATE "C" ORDER BY e.lot_id), 1) - 1 AS step
    FROM timed_epochs(:first, :last, :data_to) e
), steps AS (
    SELECT c.number, e.step, sum(e.met + e.unmet) AS demand, sum(e.met + round(e.asked)) AS imputed,
           coalesce(sum(e.kept) FILTER (WHERE e.kind = 'grant'), 0) AS granted,
           coalesce(sum(e.kept) FILTER (WHERE e.unprompted), 0) AS bought,
           max(CASE WHEN e.kind = 'plan' THEN greatest(round(e.kept / p.minutes), 1) ELSE 0 END) AS months,
           max(CASE WHEN e.kind = 'plan' THEN p.plan_no ELSE 0 END) AS plan_no,
           max(CASE WHEN e.kind = 'plan' AND NOT coalesce(e.ended_at <= :data_to, false) THEN round(e.rate * greatest(extract(epoch FROM
               e.acquired_at + greatest(round(e.kept / p.minutes), 1) * interval '1 month' - :data_to), 0)) ELSE 0 END) AS ahead,
           max(round(e.rate * 2592000)) AS pace
    FROM counted e
    JOIN chosen c ON c.workspace_id = e.workspace_id
    LEFT JOIN spells p ON e.kind = 'plan' AND p.workspace_id = e.workspace_id
                      AND e.acquired_at >= p.started_at AND e.acquired_at < p.until
    GROUP BY c.number, e.step
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
