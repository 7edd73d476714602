-- What really happened in the replayed time, by month: money paid for packages, purchases, limit hits and unmet minutes.
WITH months AS (
    SELECT date_trunc('month', p.paid_at, :timezone) AS month, count(*) AS purchases, sum(p.amount_cents) AS revenue_cents,
           sum(p.minutes) AS minutes, 0 AS hits
    FROM paid_purchases p WHERE p.source = :source AND p.paid_at <= :data_to AND p.currency = :currency GROUP BY 1
    UNION ALL
    SELECT date_trunc('month', h.at, :timezone), 0, 0, 0, count(*)
    FROM hit_facts h WHERE h.source = :source AND h.at <= :data_to GROUP BY 1
)
SELECT month, sum(purchases)::bigint AS purchases, sum(revenue_cents)::bigint AS revenue_cents,
       sum(minutes)::bigint AS minutes, sum(hits)::bigint AS hits
FROM months GROUP BY month ORDER BY month;
