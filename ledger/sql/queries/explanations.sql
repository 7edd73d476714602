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

-- name: usage_days
-- Minutes of one workspace by day of use in a time zone, between two moments.
SELECT (e.at AT TIME ZONE :zone)::date AS day, -sum(e.plan_delta)::bigint AS plan_minutes,
       -sum(e.extra_delta)::bigint AS extra_minutes, sum(e.unmet_minutes)::bigint AS unmet_minutes, count(*) AS uses
FROM entries e
WHERE e.workspace_id = :workspace_id AND e.kind = 'use' AND e.at >= :since AND e.at < :until
GROUP BY 1
ORDER BY 1;

-- name: workspace_usage_alerts
-- What a workspace crossed, newest first, and whether its warning reached the customer's program.
SELECT epoch, kind, entry_no, at, unmet_minutes, delivery, attempts, delivered_at, last_error
FROM usage_alerts
WHERE workspace_id = :workspace_id
ORDER BY at DESC, entry_no DESC, kind
LIMIT :limit;

-- name: workspace_events
-- Payment events of one customer, newest first, without their payload.
SELECT event_id, type, object_id, received_at, status, effect, error
FROM stripe_events
WHERE workspace_id = :workspace_id
ORDER BY received_at DESC, event_id DESC
LIMIT :limit;
