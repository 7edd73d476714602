-- What really happened in the replayed time, by month: money paid for packages, purchases (prompted: a limit hit led to
-- them), limit hits, and how many workspaces were on a plan when it began and came in it. Copies are nobody's history.
WITH spans AS (
    SELECT s.workspace_id, min(s.started_at) AS joined_at,
           CASE WHEN bool_or(s.ended_at IS NULL) THEN NULL ELSE max(s.ended_at) END AS left_at
    FROM subscriptions s JOIN workspaces w ON w.workspace_id = s.workspace_id
    WHERE w.source = :source AND w.workspace_id NOT LIKE 'sim:%' AND s.started_at <= :data_to GROUP BY 1
), happened AS (
    SELECT date_trunc('month', p.paid_at, :timezone) AS month, count(*) AS purchases, sum(p.amount_cents) AS revenue_cents,
           sum(p.minutes) AS minutes, count(h.at) AS prompted, sum(p.amount_cents) FILTER (WHERE h.at IS NOT NULL) AS prompted_cents,
           0 AS hits, 0 AS joined, 0 AS gone
    FROM paid_purchases p
    LEFT JOIN crossings h ON h.workspace_id = p.workspace_id AND h.epoch = p.lot_id - 1 AND h.kind = 'limit_hit'
    WHERE p.source = :source AND p.paid_at <= :data_to AND p.currency = :currency AND p.workspace_id NOT LIKE 'sim:%' GROUP BY 1
    UNION ALL
    SELECT date_trunc('month', h.at, :timezone), 0, 0, 0, 0, 0, count(*), 0, 0
    FROM hit_facts h WHERE h.source = :source AND h.at <= :data_to AND h.workspace_id NOT LIKE 'sim:%' GROUP BY 1
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
