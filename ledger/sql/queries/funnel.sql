-- name: metric_alert_levels
-- For each level that workspaces reached after the 80 % warnings of the period: alerts old enough to count, those followed by a
-- purchase within the window, and those whose purchase came before the next level. A credit opens a new epoch, so no level follows it.
SELECT CAST(substr(a.kind, 6) AS int) AS percent_used, count(*) AS reached, count(b.paid_at) AS bought,
       count(b.paid_at) FILTER (WHERE next.at IS NULL OR b.paid_at < next.at) AS bought_before_next
FROM (
/* rows */
) q
JOIN usage_alerts a ON a.workspace_id = q.workspace_id AND a.epoch = q.epoch AND a.kind IN ('used_80', 'used_90', 'used_100')
LEFT JOIN LATERAL (
    SELECT min(n.at) AS at FROM usage_alerts n
    WHERE n.workspace_id = a.workspace_id AND n.epoch = a.epoch AND n.kind IN ('used_90', 'used_100')
      AND CAST(substr(n.kind, 6) AS int) > CAST(substr(a.kind, 6) AS int)) next ON true
LEFT JOIN LATERAL (
    SELECT min(p.paid_at) AS paid_at FROM paid_purchases p
    WHERE p.workspace_id = a.workspace_id AND p.source = :source
      AND p.paid_at >= a.at AND p.paid_at < a.at + make_interval(days => :window_days) AND p.paid_at <= :as_of) b ON true
WHERE a.at + make_interval(days => :window_days) <= :matured_by
GROUP BY 1 ORDER BY 1;

-- name: metric_funnel
-- Of the rows behind conversion that are old enough to count: the number that reached each step on the way to a purchase.
SELECT count(*) AS hit,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM outgoing_events e
           JOIN event_deliveries d ON d.workspace_id = e.workspace_id AND d.event_no = e.event_no AND d.state = 'delivered'
           WHERE e.workspace_id = q.workspace_id AND e.type = 'usage.limit_hit' AND e.at = q.at)) AS alerted,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM offers_seen o
           WHERE o.workspace_id = q.workspace_id AND o.at >= q.at AND o.at < q.at + make_interval(days => :window_days))) AS offered,
       count(*) FILTER (WHERE q.value = 1 OR EXISTS (
           SELECT FROM extra_minutes_purchases p
           WHERE p.workspace_id = q.workspace_id AND p.created_at >= q.at
             AND p.created_at < q.at + make_interval(days => :window_days) AND p.created_at <= :as_of)) AS begun,
       count(*) FILTER (WHERE q.value = 1) AS paid
FROM (
/* rows */
) q
WHERE q.weight = 1;
