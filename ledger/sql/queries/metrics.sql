-- name: returned_cents_inline
-- Revenue of one purchase that went back by a moment: refunds that were not undone, and disputes that were lost, without tax.
(SELECT without_tax((
    coalesce((SELECT sum(returned.amount_cents) FROM refunds returned
              WHERE returned.workspace_id = {workspace_id} AND returned.purchase_id = {purchase_id}
                AND returned.status IN ('pending', 'requires_action', 'succeeded') AND returned.refunded_at <= {as_of}), 0)
    + coalesce((SELECT sum(lost.amount_cents) FROM disputes lost
                WHERE lost.workspace_id = {workspace_id} AND lost.purchase_id = {purchase_id}
                  AND lost.status = 'lost' AND coalesce(lost.closed_at, lost.opened_at) <= {as_of}), 0)
 )::bigint, bought.revenue_cents, bought.charged_cents)
 FROM extra_minutes_purchases bought WHERE bought.workspace_id = {workspace_id} AND bought.purchase_id = {purchase_id})

-- name: refund_without_tax_inline
-- The revenue that one refund returns. Rounded on the sum of the refunds so far, so that they add up to the revenue.
CASE WHEN {revenue_cents} = {charged_cents} THEN {refund}.amount_cents ELSE (
    SELECT without_tax(coalesce(sum(earlier.amount_cents), 0)::bigint + {refund}.amount_cents, {revenue_cents}, {charged_cents})
           - without_tax(coalesce(sum(earlier.amount_cents), 0)::bigint, {revenue_cents}, {charged_cents})
    FROM refunds earlier
    WHERE earlier.workspace_id = {refund}.workspace_id AND earlier.purchase_id = {refund}.purchase_id
      AND earlier.status IN ('pending', 'requires_action', 'succeeded')
      AND (earlier.refunded_at, earlier.refund_id) < ({refund}.refunded_at, {refund}.refund_id)) END

-- name: departure_inline
-- When a workspace gave up its plan at or after a moment, as known at another; NULL while it stays. A return within 30 days
-- makes it a pause, from the day on which it is known.
(SELECT min(ended.ended_at) AS left_at FROM subscriptions ended
 WHERE ended.workspace_id = {workspace_id} AND ended.ended_at >= {since} AND ended.ended_at <= {as_of} AND NOT EXISTS (
     SELECT 1 FROM subscriptions again
     WHERE again.workspace_id = ended.workspace_id AND (again.started_at, again.subscription_no) > (ended.started_at, ended.subscription_no)
       AND again.started_at < ended.ended_at + interval '30 days' AND again.started_at <= {as_of}))

-- name: metric_rows_of_control
-- Of the rows behind a share, those of workspaces in the control arm of a hold-out: how many count, and how many of them bought.
SELECT coalesce(sum(q.weight), 0)::bigint AS rows, coalesce(sum(q.value), 0)::bigint AS bought
FROM (
/* rows */
) q
WHERE NOT q.pending AND hold_out_arm(q.workspace_id, :hold_out, :share_percent) = 'control';

-- name: metric_rows
-- The rows of a number, those that count before those still open; of one outcome, or all.
SELECT q.* FROM (
/* rows */
) q
WHERE CAST(:outcome AS text) IS NULL
   OR CAST(:outcome AS text) = CASE WHEN q.pending THEN 'open' WHEN q.value > 0 THEN 'yes' ELSE 'no' END
ORDER BY q.pending, q.at DESC, q.workspace_id, q.part, q.package, q.currency, q.value, q.weight
LIMIT :limit OFFSET :offset;

-- name: metric_row
-- The rows of a metric with what every metric is divided and filtered by. Plan and billing cycle are those at the moment
-- that the metric names; attributes are those of now. Copies for rehearsals are in no metric.
SELECT s.* FROM (
    SELECT q.*,
           CASE WHEN CAST(:by AS text) IS NULL THEN NULL ELSE
           CASE WHEN CAST(:by AS text) = 'plan' THEN q.plan WHEN CAST(:by AS text) = 'billing_cycle' THEN q.billing_cycle WHEN CAST(:by AS text) = 'package' THEN q.package
               WHEN CAST(:by AS text) = 'part' THEN q.part WHEN CAST(:by AS text) = 'currency' THEN q.currency
               WHEN CAST(:by AS text) = 'day' THEN CAST(CAST(q.at AT TIME ZONE :timezone AS date) AS text)
               WHEN CAST(:by AS text) = 'week' THEN CAST(CAST(date_trunc('week', q.at AT TIME ZONE :timezone) AS date) AS text)
               WHEN CAST(:by AS text) = 'month' THEN CAST(CAST(date_trunc('month', q.at AT TIME ZONE :timezone) AS date) AS text)
               ELSE attribute_of(q.workspace_id, :by)
           END END AS dimension
    FROM (
        SELECT r.*, plan_at(r.workspace_id, r./* segments */, 'plan') AS plan, plan_at(r.workspace_id, r./* segments */, 'billing_cycle') AS billing_cycle
        FROM (
/* metric */
        ) r
        WHERE r.workspace_id NOT LIKE 'sim:%'
    ) q
) s
WHERE (CAST(:plan AS text) IS NULL OR s.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR s.billing_cycle = :billing_cycle)
  AND (CAST(:package AS text) IS NULL OR s.package = :package)
  AND (CAST(:currency AS text) IS NULL OR s.currency IN ('', :currency))
  AND (CAST(:attributes AS jsonb) IS NULL OR has_attributes(s.workspace_id));

-- name: metric_row_of_workspace
-- The same, one row for each workspace and part: the row that answers for it.
SELECT DISTINCT ON (o.workspace_id, o.dimension) o.* FROM (
/* rows */
) o
ORDER BY o.workspace_id, o.dimension, o.value DESC, o.weight DESC, o.at;

-- name: metric_sum_of_workspace
-- The same, summed to one row for each workspace and part.
SELECT o.workspace_id, min(o.at) AS at, min(o.package) AS package, o.currency, min(o.part) AS part, sum(o.value) AS value,
       max(o.weight) AS weight, bool_and(o.pending) AS pending, min(o.plan) AS plan, min(o.billing_cycle) AS billing_cycle,
       o.dimension, count(*) AS rows
FROM (
/* rows */
) o
GROUP BY o.workspace_id, o.currency, o.dimension;

-- name: metric_totals
SELECT q.dimension AS part,
       coalesce(sum(q.value) FILTER (WHERE NOT q.pending), 0)::numeric AS value,
       coalesce(sum(q.weight) FILTER (WHERE NOT q.pending), 0)::bigint AS weight,
       count(*) FILTER (WHERE NOT q.pending) AS n,
       count(*) FILTER (WHERE q.pending) AS pending
FROM (
/* rows */
) q
GROUP BY 1
ORDER BY 1;

-- name: metric_waiting
-- Of the rows behind conversion, those too young to count that have not bought, one page of them, and how many there are. A page
-- beyond the last is the last. Plans are looked up for the page only.
WITH waiting AS MATERIALIZED (
    SELECT q.workspace_id, q.at FROM (
/* rows */
    ) q
    WHERE q.pending AND q.paid_at IS NULL
), counted AS (
    SELECT count(*) AS waiting FROM waiting
)
SELECT w.workspace_id, whose.name, whose.owner_email, w.at,
       plan_at(w.workspace_id, w.at, 'plan') AS plan, plan_at(w.workspace_id, w.at, 'billing_cycle') AS billing_cycle, w.waiting
FROM (
    SELECT w.workspace_id, w.at, c.waiting FROM waiting w CROSS JOIN counted c
    ORDER BY w.at DESC, w.workspace_id
    LIMIT :limit
    OFFSET (SELECT least(CAST(:offset AS bigint), greatest(c.waiting - 1, 0) / CAST(:limit AS bigint) * CAST(:limit AS bigint)) FROM counted c)
) w
JOIN workspaces whose ON whose.workspace_id = w.workspace_id
ORDER BY w.at DESC, w.workspace_id;

-- name: read_to_the_end
-- Rows fetched in portions are all fetched: the plan that is through first, not the one that begins first.
SET LOCAL cursor_tuple_fraction = 1;

-- name: rolled_totals
-- Days before the whole months, the whole months, and the days after them.
SELECT CASE WHEN CAST(:by AS text) = 'plan' THEN d.plan WHEN CAST(:by AS text) = 'billing_cycle' THEN d.billing_cycle WHEN CAST(:by AS text) = 'package' THEN d.package
           WHEN CAST(:by AS text) = 'part' THEN d.part WHEN CAST(:by AS text) = 'currency' THEN d.currency
           WHEN CAST(:by AS text) = 'day' THEN CAST(d.day AS text)
           WHEN CAST(:by AS text) = 'week' THEN CAST(CAST(date_trunc('week', CAST(d.day AS timestamp)) AS date) AS text)
           WHEN CAST(:by AS text) = 'month' THEN CAST(CAST(date_trunc('month', CAST(d.day AS timestamp)) AS date) AS text)
       END AS part,
       coalesce(sum(d.value), 0) AS value, coalesce(sum(d.weight), 0)::bigint AS weight, coalesce(sum(d.n), 0)::bigint AS n
FROM (
    SELECT t.* FROM daily_rollups t
    WHERE t.metric = :metric AND t.source = :source
      AND t.day >= coalesce(CAST(:first_day AS date), '-infinity') AND t.day < CAST(:first_month AS date)
    UNION ALL
    SELECT t.* FROM monthly_rollups t
    WHERE t.metric = :metric AND t.source = :source AND t.month >= CAST(:first_month AS date) AND t.month < CAST(:last_month AS date)
    UNION ALL
    SELECT t.* FROM daily_rollups t
    WHERE t.metric = :metric AND t.source = :source
      AND t.day >= CAST(:last_month AS date) AND t.day < coalesce(CAST(:last_day AS date), 'infinity')
) d
WHERE (CAST(:plan AS text) IS NULL OR d.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR d.billing_cycle = :billing_cycle)
  AND (CAST(:package AS text) IS NULL OR d.package = :package)
  AND (CAST(:currency AS text) IS NULL OR d.currency IN ('', :currency))
GROUP BY 1
ORDER BY 1;

-- name: workspace_day_rows
-- The day-level sums of one metric, workspace by workspace: for what the sums over all workspaces cannot show.
SELECT d.workspace_id, d.value, d.weight, d.n,
       CASE WHEN CAST(:by AS text) IS NULL THEN NULL ELSE
       CASE WHEN CAST(:by AS text) = 'plan' THEN d.plan WHEN CAST(:by AS text) = 'billing_cycle' THEN d.billing_cycle WHEN CAST(:by AS text) = 'package' THEN d.package
           WHEN CAST(:by AS text) = 'part' THEN d.part WHEN CAST(:by AS text) = 'currency' THEN d.currency WHEN CAST(:by AS text) = 'day' THEN CAST(d.day AS text)
           WHEN CAST(:by AS text) = 'week' THEN CAST(CAST(date_trunc('week', CAST(d.day AS timestamp)) AS date) AS text)
           WHEN CAST(:by AS text) = 'month' THEN CAST(CAST(date_trunc('month', CAST(d.day AS timestamp)) AS date) AS text)
           ELSE attribute_of(d.workspace_id, :by)
       END END AS dimension
FROM workspace_days d
JOIN workspaces w ON w.workspace_id = d.workspace_id
WHERE d.metric = :metric AND w.source = :source
  AND d.day >= coalesce(CAST(:first_day AS date), '-infinity') AND d.day < coalesce(CAST(:last_day AS date), 'infinity')
  AND (CAST(:plan AS text) IS NULL OR d.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR d.billing_cycle = :billing_cycle)
  AND (CAST(:package AS text) IS NULL OR d.package = :package)
  AND (CAST(:currency AS text) IS NULL OR d.currency IN ('', :currency))
  AND (CAST(:attributes AS jsonb) IS NULL OR has_attributes(d.workspace_id));

-- name: rolled_totals_of_attributes
SELECT d.dimension AS part, coalesce(sum(d.value), 0) AS value, coalesce(sum(d.weight), 0)::bigint AS weight, coalesce(sum(d.n), 0)::bigint AS n
FROM (
/* days */
) d
GROUP BY 1
ORDER BY 1;

-- name: repeated_totals
-- What the sums of whole days count again: workspaces with an earlier day, from :since_day on, in the same part of the period.
SELECT CASE WHEN CAST(:by AS text) = 'plan' THEN r.plan WHEN CAST(:by AS text) = 'billing_cycle' THEN r.billing_cycle
           WHEN CAST(:by AS text) = 'day' THEN CAST(d.day AS text) WHEN CAST(:by AS text) = 'week' THEN CAST(d.since AS text) WHEN CAST(:by AS text) = 'month' THEN CAST(d.since AS text)
       END AS part,
       sum(r.value) AS value, CAST(sum(r.n) AS bigint) AS n
FROM (
    SELECT t.day, CASE WHEN CAST(:by AS text) = 'day' THEN t.day
                      WHEN CAST(:by AS text) = 'week' THEN CAST(date_trunc('week', CAST(t.day AS timestamp)) AS date)
                      WHEN CAST(:by AS text) = 'month' THEN CAST(date_trunc('month', CAST(t.day AS timestamp)) AS date)
                      ELSE '-infinity'
                  END AS since
    FROM (
        SELECT DISTINCT o.day FROM daily_rollups o
        WHERE o.metric = :metric AND o.source = :source
          AND o.day >= coalesce(CAST(:first_day AS date), '-infinity') AND o.day < coalesce(CAST(:last_day AS date), 'infinity')
    ) t
) d
JOIN repeated_days r
  ON r.metric = :metric AND r.source = :source AND r.scope = :scope AND r.day = d.day
 AND r.previous_day >= greatest(d.since, coalesce(CAST(:since_day AS date), '-infinity'))
WHERE (CAST(:plan AS text) IS NULL OR r.plan = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR r.billing_cycle = :billing_cycle)
GROUP BY 1;

-- name: added_workspaces
-- What the rows of a day that is not whole add to whole days before it: workspaces without a day since a given one, for each of
-- `parts` (with its number in a list of lookups).
SELECT x.lookup_no, coalesce(t.dimension, x.part) AS part,
       count(*) FILTER (WHERE t.value > 0 AND coalesce(k.counted_day < x.since, true))::numeric AS value,
       count(*) FILTER (WHERE coalesce(k.known_day < x.since, true)) AS n
FROM (
    SELECT q.workspace_id, q.dimension, max(q.value) AS value FROM (
/* rows */
    ) q
    GROUP BY 1, 2
) t
CROSS JOIN LATERAL (
    SELECT max(d.day) AS known_day, max(d.day) FILTER (WHERE d.value > 0) AS counted_day
    FROM workspace_days d
    WHERE d.workspace_id = t.workspace_id AND d.metric = :metric AND d.day < CAST(:last_day AS date)
      AND (CAST(:plan AS text) IS NULL OR d.plan = :plan)
      AND (CAST(:billing_cycle AS text) IS NULL OR d.billing_cycle = :billing_cycle)
      AND CASE WHEN CAST(:by AS text) = 'plan' THEN d.plan = t.dimension WHEN CAST(:by AS text) = 'billing_cycle' THEN d.billing_cycle = t.dimension ELSE true END
) k
CROSS JOIN jsonb_to_recordset(CAST(:parts AS jsonb)) AS x (lookup_no integer, part text, since date)
GROUP BY 1, 2;

-- name: rolled_workspaces
-- Each workspace once: from its whole days, and from the rows of the day that is not whole.
SELECT t.part, count(*) FILTER (WHERE t.value > 0)::numeric AS value, count(*) AS n
FROM (
    SELECT u.workspace_id, u.dimension AS part, max(u.value) AS value
    FROM (
        SELECT d.workspace_id, d.dimension, d.value FROM (
/* days */
        ) d
        UNION ALL
        SELECT q.workspace_id, q.dimension, q.value FROM (
/* rows */
        ) q
    ) u
    GROUP BY 1, 2
) t
GROUP BY 1
ORDER BY 1;

-- name: rollup_state
SELECT report_timezone, definitions, data_to, swept_to FROM rollup_state;

-- name: use_by_age
-- Minutes by age in whole days: used at it, or no longer watched after it. What is left of a day's packages is watched
-- up to the last day that is known.
WITH days AS (
    SELECT d.metric, d.day, d.part, sum(d.value) AS value, sum(d.weight) AS weight
    FROM (
        SELECT t.source, t.metric, t.day, t.plan, t.billing_cycle, t.part, t.value, t.weight FROM daily_rollups t
        WHERE CAST(:attributes AS jsonb) IS NULL
        UNION ALL
        SELECT w.source, t.metric, t.day, t.plan, t.billing_cycle, t.part, t.value, t.weight
        FROM workspace_days t JOIN workspaces w ON w.workspace_id = t.workspace_id
        WHERE has_attributes(t.workspace_id)
          AND CAST(:attributes AS jsonb) IS NOT NULL
    ) d
    WHERE d.source = :source AND d.day >= CAST(:first_day AS date) AND d.day < CAST(:last_day AS date)
      AND (d.metric = 'use-by-age' OR d.metric = 'liability-moves-minutes' AND d.part = 'sold')
      AND (CAST(:plan AS text) IS NULL OR d.plan = :plan)
      AND (CAST(:billing_cycle AS text) IS NULL OR d.billing_cycle = :billing_cycle)
    GROUP BY 1, 2, 3
)
SELECT m.age, CAST(sum(m.used) AS bigint) AS used, CAST(sum(m.censored) AS bigint) AS censored
FROM (
    SELECT CAST(part AS integer) AS age, value AS used, weight AS censored FROM days WHERE metric = 'use-by-age'
    UNION ALL
    SELECT greatest(CAST(:known_day AS date) - day, 0), 0, sum(CASE WHEN metric = 'use-by-age' THEN -value - weight ELSE value END)
    FROM days
    GROUP BY day
) m
GROUP BY 1
HAVING sum(m.used) <> 0 OR sum(m.censored) <> 0
ORDER BY 1;
