-- name: balance_after
-- Balance right after one entry.
SELECT false AS current, coalesce(e.plan_after, 0) AS plan_minutes, coalesce(e.extra_after, 0) AS extra_minutes,
       coalesce(s.allocation_minutes, p.minutes, 0) AS minutes_total, coalesce(e.used_after, 0) AS minutes_used,
       coalesce(p.reset_date, s.reset_date) AS minutes_reset_date,
       coalesce(e.gauge_base, 0) AS gauge_base, coalesce(e.epoch, 0) AS epoch, CAST(:entry_no AS bigint) AS entry_no,
       CAST(:entry_no AS bigint) AS booked_no, s.plan, s.billing_cycle
FROM workspace_minutes w
LEFT JOIN entries e ON e.workspace_id = :workspace_id AND e.entry_no = :entry_no
LEFT JOIN LATERAL (
    SELECT o.minutes, o.reset_date FROM lots o
    WHERE o.workspace_id = :workspace_id AND o.kind = 'plan' AND NOT o.arrears AND o.entry_no <= :entry_no
    ORDER BY o.lot_id DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT u.plan, u.billing_cycle, u.allocation_minutes, u.reset_date,
           u.allocation_minutes IS NOT NULL AND u.ended_at IS NULL AS running
    FROM subscriptions u
    WHERE u.workspace_id = :workspace_id AND u.started_at <= e.at AND coalesce(u.ended_at > e.at, true)
    ORDER BY u.subscription_no DESC LIMIT 1
) s ON true
WHERE w.workspace_id = :workspace_id;

-- name: balance_as_of
SELECT * FROM balance_as_of(:workspace_id, :at, :booked_at);

-- name: balance_now
-- The locked row of a workspace is its balance now.
SELECT true AS current, w.minutes_remaining AS plan_minutes, w.extra_minutes_remaining AS extra_minutes, w.minutes_total,
       w.minutes_used, w.minutes_reset_date, w.gauge_base, w.epoch, w.entry_no, w.entry_no AS booked_no, w.plan, w.billing_cycle
FROM workspace_minutes w
WHERE w.workspace_id = :workspace_id;

-- name: check_usage_limit
SELECT * FROM usage_limit_at(:workspace_id, :minutes, coalesce(CAST(:at AS timestamptz), clock_timestamp()));

-- name: due_lots
-- The lots of the periods that are due by a time and not booked yet, among the lots of a balance, in the order of use.
SELECT d.lot_id, 'plan' AS kind, d.minutes, 0 AS drawn, 0 AS voided, d.minutes AS remaining, d.due AS acquired_at, d.entry_no,
       d.due AS period_start, CAST(NULL AS uuid) AS purchase_id, d.next_due, burn_order('plan', d.due, NULL) AS burn_order
FROM due_lots(:workspace_id, :at) d
UNION ALL
SELECT l.lot_id, l.kind::text, l.minutes, l.drawn, l.voided, l.remaining, l.acquired_at, l.entry_no, l.period_start, l.purchase_id,
       NULL, l.burn_order
FROM lots l
WHERE l.workspace_id = :workspace_id AND l.lot_id = ANY(:lot_ids)
ORDER BY burn_order, lot_id;

-- name: entries
-- The statement of a workspace, newest first.
SELECT e.entry_no, e.kind, e.plan_delta, e.extra_delta, e.plan_after AS plan_minutes, e.extra_after AS extra_minutes, e.minutes,
       e.unmet_minutes, e.at, e.recorded_at, e.actor, e.reason, e.reference, e.key, e.lot_id, e.duration_seconds, e.overage_policy, e.thresholds,
       e.epoch, e.gauge_base
FROM entries e
WHERE e.workspace_id = :workspace_id AND e.entry_no < coalesce(CAST(:before AS bigint), 9223372036854775807)
  AND (CAST(:kind AS text) IS NULL OR CAST(e.kind AS text) = :kind) AND (CAST(:key AS text) IS NULL OR e.key = :key)
  AND (CAST(:start AS timestamptz) IS NULL OR e.at >= :start) AND (CAST(:end AS timestamptz) IS NULL OR e.at < :end)
ORDER BY e.entry_no DESC
LIMIT :limit;

-- name: explain_entry
-- What one entry moved, lot by lot, in the order of use: the draws of a use, or the lot that was credited or taken from.
SELECT l.lot_id, l.kind, m.minutes, l.acquired_at, l.purchase_id
FROM (
    SELECT d.lot_id, d.minutes FROM draws d WHERE d.workspace_id = :workspace_id AND d.entry_no = :entry_no
    UNION ALL
    SELECT e.lot_id, e.plan_delta + e.extra_delta FROM entries e
    WHERE e.workspace_id = :workspace_id AND e.entry_no = :entry_no AND e.overage_policy IS NULL
) m
JOIN lots l ON l.workspace_id = :workspace_id AND l.lot_id = m.lot_id
ORDER BY l.burn_order, l.lot_id;

-- name: lot
SELECT l.lot_id, l.kind, l.minutes, l.drawn, l.voided, l.remaining, l.acquired_at, l.entry_no, l.period_start, l.purchase_id
FROM lots l
WHERE l.workspace_id = :workspace_id AND l.lot_id = :lot_id;

-- name: lots
-- Lots of a workspace in the order of use.
SELECT l.lot_id, l.kind, l.minutes, l.drawn, l.voided, l.remaining, l.acquired_at, l.entry_no, l.period_start, l.purchase_id
FROM lots l
WHERE l.workspace_id = :workspace_id AND (l.open OR NOT :open_only)
ORDER BY l.burn_order, l.lot_id;

-- name: lots_as_of
-- Lots as of a moment, in the order of use: today's lots with everything undone that happened or was booked after it.
WITH later AS (
    SELECT e.entry_no, e.lot_id, -e.plan_delta - e.extra_delta AS taken, e.kind
    FROM entries e
    WHERE e.workspace_id = :workspace_id AND e.entry_no > :entry_no
      AND (e.entry_no > :booked_no OR CAST(:at AS timestamptz) IS NULL OR e.at > :at)
), undone AS (
    SELECT d.lot_id, sum(d.minutes)::bigint AS drawn, 0::bigint AS voided
    FROM later e JOIN draws d ON d.workspace_id = :workspace_id AND d.entry_no = e.entry_no
    WHERE e.kind = 'use' GROUP BY d.lot_id
    UNION ALL
    SELECT e.lot_id, 0, sum(e.taken)::bigint FROM later e
    WHERE e.kind IN ('void', 'refund', 'dispute', 'restore') GROUP BY e.lot_id
)
SELECT l.lot_id, l.kind, l.minutes, (l.drawn - u.drawn)::bigint AS drawn, (l.voided - u.voided)::bigint AS voided,
       (l.remaining + u.drawn + u.voided)::bigint AS remaining, l.acquired_at, l.entry_no, l.period_start, l.purchase_id
FROM lots l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(o.drawn), 0)::bigint AS drawn, coalesce(sum(o.voided), 0)::bigint AS voided FROM undone o WHERE o.lot_id = l.lot_id
) u
WHERE l.workspace_id = :workspace_id
  AND (l.entry_no <= :entry_no OR (l.entry_no <= :booked_no AND CAST(:at AS timestamptz) IS NOT NULL AND l.acquired_at <= :at))
  AND l.remaining + u.drawn + u.voided > 0
ORDER BY l.burn_order, l.lot_id;
