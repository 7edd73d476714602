-- name: timed_epochs_inline
-- Every epoch of the workspaces from first to last that began by to. met and unmet: minutes of its uses. blocked_demand:
-- minutes wanted while it was blocked: what was refused, or the workspace's own usual rate for as long as nothing was left, if
-- that is more. rate: minutes met per unblocked second, over all its epochs (of at least a day). net_minutes: minutes of the
-- lot that were not voided. prompted: a limit hit came just before it. ended_at: when the workspace's last plan ended, NULL
-- while it has one.
(
    WITH ended AS (
        SELECT s.workspace_id, CASE WHEN bool_or(s.ended_at IS NULL) THEN NULL ELSE max(s.ended_at) END AS ended_at
        FROM subscriptions s WHERE s.workspace_id >= {first} AND s.workspace_id <= {last} GROUP BY 1
    ), epochs AS (
        SELECT l.workspace_id, l.lot_id, l.kind, l.acquired_at, (l.minutes - l.voided)::float8 AS net_minutes, e.ended_at, h.at AS hit_at,
               lag(h.at) OVER own IS NOT NULL AS prompted,
               coalesce(u.plan_minutes + u.extra_minutes, 0)::float8 AS met, coalesce(u.unmet_minutes, 0)::float8 AS unmet,
               greatest(coalesce(lead(l.acquired_at) OVER own, least(e.ended_at, {to})), l.acquired_at) AS ends_at
        FROM lots l
        LEFT JOIN ended e ON e.workspace_id = l.workspace_id
        LEFT JOIN usage_by_epoch u ON u.workspace_id = l.workspace_id AND u.epoch = l.lot_id
                                   AND u.workspace_id >= {first} AND u.workspace_id <= {last}
        LEFT JOIN usage_alerts h ON h.workspace_id = l.workspace_id AND h.epoch = l.lot_id AND h.kind = 'limit_hit'
                              AND h.workspace_id >= {first} AND h.workspace_id <= {last}
        WHERE l.acquired_at <= {to} AND l.workspace_id >= {first} AND l.workspace_id <= {last}
        WINDOW own AS (PARTITION BY l.workspace_id ORDER BY l.lot_id)
    ), timed AS (
        SELECT t.*, extract(epoch FROM t.ends_at - t.acquired_at)::float8 AS lasted,
               CASE WHEN t.hit_at IS NULL THEN 0
                    ELSE greatest(extract(epoch FROM t.ends_at - greatest(t.hit_at, t.acquired_at)), 0) END::float8 AS blocked
        FROM epochs t
    ), rated AS (
        SELECT r.*, sum(r.met) OVER own / greatest(sum(r.lasted - r.blocked) OVER own, 86400) AS rate
        FROM timed r WINDOW own AS (PARTITION BY r.workspace_id)
    )
    SELECT f.workspace_id, f.lot_id, f.kind, f.acquired_at, f.net_minutes, f.ended_at, f.hit_at, f.prompted, f.met, f.unmet, f.rate,
           greatest(f.unmet, f.rate * f.blocked) AS blocked_demand
    FROM rated f
)

-- name: replayed_in_inline
-- In which of the :currencies of a source a workspace is replayed: its own, else the first. With one currency it is that one.
CASE WHEN cardinality(CAST(:currencies AS text[])) = 1 THEN CAST(:currency AS text)
     ELSE (CAST(:currencies AS text[]))[coalesce(array_position(CAST(:currencies AS text[]), pays_in({workspace_id}, :data_to)), 1)] END

-- name: pricing_actuals
-- What really happened in the replayed time, by month: money paid for packages, purchases (prompted: a limit hit led to
-- them), limit hits, and how many workspaces were on a plan when it began and came in it. Copies are nobody's history.
WITH payers AS MATERIALIZED (
    SELECT w.workspace_id FROM workspaces w
    WHERE w.source = :source AND w.workspace_id NOT LIKE 'sim:%' AND replayed_in(w.workspace_id) = :currency
), spans AS (
    SELECT s.workspace_id, min(s.started_at) AS joined_at,
           CASE WHEN bool_or(s.ended_at IS NULL) THEN NULL ELSE max(s.ended_at) END AS left_at
    FROM subscriptions s JOIN payers w ON w.workspace_id = s.workspace_id
    WHERE s.started_at <= :data_to GROUP BY 1
), happened AS (
    SELECT date_trunc('month', p.paid_at, :timezone) AS month, count(*) AS purchases, sum(p.amount_cents) AS revenue_cents,
           sum(p.minutes) AS minutes, count(h.at) AS prompted, sum(p.amount_cents) FILTER (WHERE h.at IS NOT NULL) AS prompted_cents,
           0 AS hits, 0 AS joined, 0 AS gone
    FROM paid_purchases p JOIN payers w ON w.workspace_id = p.workspace_id
    LEFT JOIN usage_alerts h ON h.workspace_id = p.workspace_id AND h.epoch = p.lot_id - 1 AND h.kind = 'limit_hit'
    WHERE p.source = :source AND p.paid_at <= :data_to AND p.currency = :currency GROUP BY 1
    UNION ALL
    SELECT date_trunc('month', h.at, :timezone), 0, 0, 0, 0, 0, count(*), 0, 0
    FROM hit_facts h JOIN payers w ON w.workspace_id = h.workspace_id WHERE h.source = :source AND h.at <= :data_to GROUP BY 1
    UNION ALL
    SELECT date_trunc('month', joined_at, :timezone), 0, 0, 0, 0, 0, 0, count(*), 0 FROM spans GROUP BY 1
    UNION ALL
    SELECT date_trunc('month', left_at, :timezone), 0, 0, 0, 0, 0, 0, 0, count(*) FROM spans WHERE left_at <= :data_to GROUP BY 1
), months AS (
    SELECT month, sum(purchases)::bigint AS purchases, sum(revenue_cents)::bigint AS revenue_cents,
           sum(minutes)::bigint AS minutes, sum(prompted)::bigint AS prompted, coalesce(sum(prompted_cents), 0)::bigint AS prompted_cents,
           sum(hits)::bigint AS hits, sum(joined)::bigint AS joined, sum(gone)::bigint AS gone
    FROM happened GROUP BY month
)
SELECT month, purchases, revenue_cents, minutes, prompted, prompted_cents, hits, joined,
       coalesce(sum(joined - gone) OVER (ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS workspaces
FROM months ORDER BY month;

-- name: pricing_choices
-- What blocked workspaces from :first to :last decided: one row for each month, menu on offer, plan, need and choice, with
-- the number of limit hits. The choice is the credit that follows the hit: a purchase, or anything else = waited. Hits younger
-- than two weeks stay out, also those that ended in a purchase already: who buys, buys soon, so the youngest hits would show
-- buyers only. So do those of workspaces that were held out of the offer. recent: the 90 days before those two weeks.
-- need: minutes wanted until the plan's next credit, blocked time filled (timed_epochs), as in the history that is replayed.
-- lost: minutes wanted and not served from the hit to the purchase, the call cut short by it included; pace: usual minutes of
-- a second; both summed over those who bought. who: for each hit 8 bytes that identify the workspace.
WITH subscription_periods AS (  -- as plan_at, for all hits at once
    SELECT s.workspace_id, s.plan, s.started_at,
           least(coalesce(lead(s.started_at) OVER (PARTITION BY s.workspace_id ORDER BY s.started_at, s.subscription_no), 'infinity'),
                 coalesce(s.ended_at, 'infinity')) AS until
    FROM subscriptions s WHERE s.workspace_id >= :first AND s.workspace_id <= :last
), held AS (  -- every credit with the one that followed it, and the next one of the plan
    SELECT l.workspace_id, l.lot_id, l.acquired_at,
           CASE WHEN lag(l.acquired_at) OVER later <= :data_to THEN lag(l.lot_id) OVER later END AS next_id,
           lag(l.kind) OVER later AS next_kind, lag(l.purchase_id) OVER later AS next_purchase,
           min(l.acquired_at) FILTER (WHERE l.kind = 'plan') OVER (later ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS renewed_at
    FROM lots l WHERE l.workspace_id >= :first AND l.workspace_id <= :last
    WINDOW later AS (PARTITION BY l.workspace_id ORDER BY l.lot_id DESC)
), epochs AS (
    SELECT e.*, count(*) FILTER (WHERE e.kind = 'plan') OVER (PARTITION BY e.workspace_id COLLATE "C" ORDER BY e.lot_id) AS period
    FROM timed_epochs(:first, :last, :data_to) e
), wanted AS (  -- from the limit of an epoch to the next credit of the plan, as far as there is history
    SELECT e.workspace_id, e.lot_id, e.rate, e.blocked_demand, e.blocked_demand + coalesce(sum(e.met + e.blocked_demand) OVER later, 0) AS minutes
    FROM epochs e
    WINDOW later AS (PARTITION BY e.workspace_id COLLATE "C", e.period ORDER BY e.lot_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
), hits AS (
    SELECT h.workspace_id, h.epoch, h.at, l.renewed_at,
           CASE WHEN l.next_id IS NOT NULL AND l.next_kind = 'purchase' THEN l.next_purchase END AS purchase_id
    FROM hit_facts h
    JOIN held l ON l.workspace_id = h.workspace_id AND l.lot_id = h.epoch
    WHERE h.workspace_id >= :first AND h.workspace_id <= :last
      AND h.source = :source AND h.at <= :data_to AND h.epoch > 0 AND h.workspace_id NOT LIKE 'sim:%' AND replayed_in(h.workspace_id) = :currency
      AND NOT EXISTS (
          SELECT 1 FROM hold_outs o
          WHERE o.source = h.source AND o.starts_at <= h.at AND (o.ends_at IS NULL OR o.ends_at > h.at)
            AND hold_out_arm(h.workspace_id, o.hold_out, o.share_percent) = 'control')
      AND h.at <= CAST(:data_to AS timestamptz) - interval '14 days'
), offered AS (
    SELECT h.*, s.plan,
           coalesce(test.arm, 'standard') AS arm, test.arm IS NOT NULL AS in_test, w.blocked_demand, w.rate,
           w.minutes + CASE WHEN h.renewed_at IS NULL THEN
               w.rate * greatest(extract(epoch FROM h.at + interval '15 days' - :data_to), 0) ELSE 0 END AS need
    FROM hits h
    JOIN wanted w ON w.workspace_id = h.workspace_id AND w.lot_id = h.epoch
    JOIN subscription_periods s ON s.workspace_id = h.workspace_id AND h.at >= s.started_at AND h.at < s.until
    LEFT JOIN LATERAL (
        SELECT price_test_arm(h.workspace_id, t.test, t.arms) AS arm FROM price_tests t
        WHERE t.starts_at <= h.at AND (t.ends_at IS NULL OR t.ends_at > h.at)
        ORDER BY t.starts_at, t.test LIMIT 1
    ) test ON true
), menus AS (
    SELECT o.*, coalesce(p.package, '') AS bought,
           (SELECT max(v.valid_from) FROM extra_minutes_packages v
            WHERE v.valid_from <= o.at AND (v.valid_to IS NULL OR v.valid_to > o.at) AND v.arm IN (o.arm, 'standard')) AS menu_from
    FROM offered o
    LEFT JOIN extra_minutes_purchases p ON p.workspace_id = o.workspace_id AND p.purchase_id = o.purchase_id
    WHERE p.currency IS NULL OR p.currency = :currency  -- prices of another currency say nothing about these
)
SELECT date_trunc('month', at, :timezone) AS month, arm, in_test, menu_from, plan, bought,
       width_bucket(need::float8, ARRAY[30, 60, 150, 300, 600]::float8[]) AS need_class,
       at >= CAST(:data_to AS timestamptz) - interval '104 days' AS recent,
       count(*) AS hits, sum(need::float8) AS need,
       coalesce(sum(blocked_demand) FILTER (WHERE bought <> ''), 0)::float8 AS lost,
       coalesce(sum(rate) FILTER (WHERE bought <> ''), 0)::float8 AS pace,
       string_agg(int8send(hashtextextended(workspace_id, 0)), ''::bytea) AS who
FROM menus
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

-- name: pricing_history
-- What the replay starts from, for the workspaces from :first to :last, packed: one row of arrays, 4 bytes a number. All
-- arrays are of the same order, which is any. A step is everything from one credit of the plan (or grant, or purchase that
-- no limit hit led to) up to the next; purchases at a limit hit are forgotten: they are what is replayed. imputed: what was
-- met, and the demand while blocked (timed_epochs). ahead: at the usual rate from :data_to to the plan's next credit,
-- beside each credit; only the last one's counts. pace: minutes of 30 days at that rate.
WITH chosen AS MATERIALIZED (
    SELECT w.workspace_id, row_number() OVER (ORDER BY w.workspace_id) - 1 AS number
    FROM workspaces w
    WHERE w.source = :source AND w.workspace_id >= :first AND w.workspace_id <= :last AND w.workspace_id NOT LIKE 'sim:%'
      AND replayed_in(w.workspace_id) = :currency
), subscription_periods AS (  -- the plan of a credit is that of the last subscription period that had begun
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
    SELECT c.number, e.step, sum(e.met + e.unmet) AS demand, sum(e.met + round(e.blocked_demand)) AS imputed,
           coalesce(sum(e.net_minutes) FILTER (WHERE e.kind = 'grant'), 0) AS granted,
           coalesce(sum(e.net_minutes) FILTER (WHERE e.unprompted), 0) AS bought,
           max(CASE WHEN e.kind = 'plan' THEN greatest(round(e.net_minutes / p.minutes), 1) ELSE 0 END) AS months,
           max(CASE WHEN e.kind = 'plan' THEN p.plan_no ELSE 0 END) AS plan_no,
           max(CASE WHEN e.kind = 'plan' AND NOT coalesce(e.ended_at <= :data_to, false) THEN round(e.rate * greatest(extract(epoch FROM
               e.acquired_at + greatest(round(e.net_minutes / p.minutes), 1) * interval '1 month' - :data_to), 0)) ELSE 0 END) AS ahead,
           max(round(e.rate * 2592000)) AS pace
    FROM counted e
    JOIN chosen c ON c.workspace_id = e.workspace_id
    LEFT JOIN subscription_periods p ON e.kind = 'plan' AND p.workspace_id = e.workspace_id
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

-- name: pricing_left_out
-- What a replay in :currency leaves out, by currency: workspaces that pay in another one, and what was paid for packages.
SELECT o.currency, sum(o.workspaces)::bigint AS workspaces, sum(o.cents)::bigint AS cents
FROM (
    SELECT replayed_in(w.workspace_id) AS currency, 1 AS workspaces, 0 AS cents
    FROM workspaces w WHERE w.source = :source AND w.workspace_id NOT LIKE 'sim:%' AND replayed_in(w.workspace_id) <> :currency
    UNION ALL
    SELECT p.currency, 0, p.amount_cents
    FROM paid_purchases p
    WHERE p.source = :source AND p.paid_at <= :data_to AND p.workspace_id NOT LIKE 'sim:%'
      AND (p.currency <> :currency OR replayed_in(p.workspace_id) <> :currency)
) o
GROUP BY o.currency ORDER BY o.currency;

-- name: pricing_liability
-- Bought minutes not yet used at :data_to, and what was paid for them, at each lot's own price: what is left now, and what
-- left the lot on a later day. Copies are nobody's history.
WITH later AS (
    SELECT d.workspace_id, d.lot_id, sum(d.drawn + d.voided)::bigint AS minutes FROM lot_days d
    WHERE d.day::timestamp AT TIME ZONE :timezone > :data_to GROUP BY 1, 2
)
SELECT coalesce(sum(o.minutes), 0)::bigint AS minutes,
       coalesce(round(sum(o.minutes::numeric * o.amount_cents / o.bought)), 0)::bigint AS cents
FROM (
    SELECT l.remaining + coalesce(later.minutes, 0) AS minutes, p.amount_cents, p.minutes AS bought
    FROM paid_purchases p
    JOIN lots l ON l.workspace_id = p.workspace_id AND l.purchase_id = p.purchase_id
    LEFT JOIN later ON later.workspace_id = l.workspace_id AND later.lot_id = l.lot_id
    WHERE p.source = :source AND p.currency = :currency AND p.workspace_id NOT LIKE 'sim:%' AND l.acquired_at <= :data_to
      AND replayed_in(p.workspace_id) = :currency
) o;

-- name: pricing_part
-- The next workspaces whose history is replayed, in order. Copies are nobody's history.
SELECT min(w.workspace_id) AS first, max(w.workspace_id) AS last, count(*) AS workspaces
FROM (SELECT workspace_id FROM workspaces
      WHERE source = :source AND workspace_id > :after AND workspace_id NOT LIKE 'sim:%'
      ORDER BY workspace_id LIMIT :most) w;

-- name: pricing_currencies
-- The currencies of a source: those in which packages are on sale at a moment or were ever paid for; US dollars first.
SELECT sold.currency
FROM (
    SELECT v.currency FROM extra_minutes_packages v
    WHERE v.arm = 'standard' AND v.valid_from <= :at AND (v.valid_to IS NULL OR v.valid_to > :at)
    UNION
    SELECT m.currency FROM monthly_rollups m WHERE m.metric = 'revenue-gross' AND m.source = :source
) sold
ORDER BY sold.currency <> 'usd', sold.currency;

-- name: pricing_size
-- How many workspaces have a history to replay, copies left out.
SELECT count(*) FROM workspaces WHERE source = :source AND workspace_id NOT LIKE 'sim:%';

-- name: pricing_traits
-- Which workspaces have each segment of each attribute. Copies are nobody's history.
SELECT a.key, a.segment, array_agg(a.workspace_id) AS workspace_ids
FROM workspace_attributes a JOIN workspaces w ON w.workspace_id = a.workspace_id
WHERE w.source = :source AND w.workspace_id NOT LIKE 'sim:%'
GROUP BY a.key, a.segment;
