-- name: explain_lots
-- Why a balance is what it is: every lot credited by a moment, and what became of its minutes by then.
WITH moved AS (
    SELECT e.lot_id,
           -sum(e.plan_delta + e.extra_delta) FILTER (WHERE e.kind = 'refund') AS refunded,
           -sum(e.plan_delta + e.extra_delta) FILTER (WHERE e.kind = 'dispute') AS disputed,
           -sum(e.plan_delta + e.extra_delta) FILTER (WHERE e.kind = 'void') AS voided,
           sum(e.plan_delta + e.extra_delta) FILTER (WHERE e.kind = 'restore') AS restored
    FROM entries e
    WHERE e.workspace_id = :workspace_id AND e.overage_policy IS NULL AND e.at <= :at
    GROUP BY e.lot_id
), used AS (
    SELECT d.lot_id, sum(d.minutes) AS used, min(e.at) AS first_use_at, max(e.at) AS last_use_at
    FROM draws d
    JOIN entries e ON e.workspace_id = d.workspace_id AND e.entry_no = d.entry_no
    WHERE d.workspace_id = :workspace_id AND e.at <= :at
    GROUP BY d.lot_id
)
SELECT l.lot_id, l.kind, l.acquired_at, l.minutes, coalesce(u.used, 0)::bigint AS used,
       coalesce(m.refunded, 0)::bigint AS refunded, coalesce(m.disputed, 0)::bigint AS disputed,
       coalesce(m.voided, 0)::bigint AS voided, coalesce(m.restored, 0)::bigint AS restored,
       u.first_use_at, u.last_use_at, c.kind AS credited_by, c.reason, c.actor,
       p.purchase_id::text AS purchase_id, p.package_name, p.amount_cents, p.currency, p.status, p.payment_intent,
       p.receipt_number, p.receipt_url
FROM lots l
LEFT JOIN moved m ON m.lot_id = l.lot_id
LEFT JOIN used u ON u.lot_id = l.lot_id
JOIN entries c ON c.workspace_id = l.workspace_id AND c.entry_no = l.entry_no
LEFT JOIN extra_minutes_purchases p ON p.workspace_id = l.workspace_id AND p.purchase_id = l.purchase_id
WHERE l.workspace_id = :workspace_id AND l.acquired_at <= :at
ORDER BY l.burn_order, l.lot_id;

-- name: current_hit
-- When a workspace reached its limit in an epoch, and the minutes it has requested in vain since then.
SELECT c.at, (SELECT coalesce(sum(e.unmet_minutes), 0)::bigint FROM entries e
              WHERE e.workspace_id = c.workspace_id AND e.entry_no >= c.entry_no) AS unmet_minutes
FROM usage_alerts c
WHERE c.workspace_id = :workspace_id AND c.epoch = :epoch AND c.kind = 'limit_hit';

-- name: usage_days
-- Minutes of one workspace by day of use in a time zone, between two moments.
SELECT (e.at AT TIME ZONE :zone)::date AS day, -sum(e.plan_delta)::bigint AS plan_minutes,
       -sum(e.extra_delta)::bigint AS extra_minutes, sum(e.unmet_minutes)::bigint AS unmet_minutes, count(*) AS uses
FROM entries e
WHERE e.workspace_id = :workspace_id AND e.kind = 'use' AND e.at >= :since AND e.at < :until
GROUP BY 1
ORDER BY 1;

-- name: workspace_usage_alerts
-- What a workspace crossed, newest first, and how far its event got at the endpoints that want it.
SELECT a.epoch, a.kind, a.entry_no, a.at, a.unmet_minutes, coalesce(d.delivery, 'off') AS delivery, coalesce(d.attempts, 0) AS attempts,
       d.delivered_at,
       (SELECT t.error FROM event_attempts t
        WHERE t.workspace_id = a.workspace_id AND t.event_no = e.event_no AND t.error IS NOT NULL ORDER BY t.at DESC LIMIT 1) AS last_error
FROM usage_alerts a
LEFT JOIN LATERAL (
    SELECT o.event_no FROM outgoing_events o
    WHERE o.workspace_id = a.workspace_id AND CAST(o.data ->> 'entry_no' AS bigint) = a.entry_no
      AND o.type = CASE WHEN a.kind = 'limit_hit' THEN 'usage.limit_hit' WHEN a.kind = 'plan_exhausted' THEN 'usage.plan_exhausted'
                               ELSE 'usage.threshold' END
      AND (a.kind NOT LIKE 'used%' OR o.data ->> 'threshold' = substr(a.kind, 6))
    ORDER BY o.event_no LIMIT 1
) e ON true
LEFT JOIN LATERAL (
    SELECT CASE WHEN bool_or(x.state = 'dead') THEN 'dead' WHEN bool_or(x.state = 'pending') THEN 'pending' ELSE 'delivered' END AS delivery,
           max(x.attempts) AS attempts, max(x.delivered_at) AS delivered_at
    FROM event_deliveries x
    WHERE x.workspace_id = a.workspace_id AND x.event_no = e.event_no
    HAVING count(*) > 0
) d ON true
WHERE a.workspace_id = :workspace_id
ORDER BY a.at DESC, a.entry_no DESC, a.kind
LIMIT :limit;

-- name: workspace_events
-- Payment events of one customer, newest first, without their payload.
SELECT event_id, type, object_id, received_at, status, effect, error
FROM stripe_events
WHERE workspace_id = :workspace_id
ORDER BY received_at DESC, event_id DESC
LIMIT :limit;
