-- name: balance_after
-- Balance right after one entry.
SELECT false AS current, coalesce(e.plan_after, 0) AS plan_minutes, coalesce(e.extra_after, 0) AS extra_minutes,
       coalesce(s.allocation_minutes, p.minutes, 0) AS minutes_total, coalesce(e.used_after, 0) AS minutes_used,
       coalesce(p.reset_date, s.reset_date) AS minutes_reset_date,
       coalesce(e.gauge_base, 0) AS gauge_base, coalesce(e.epoch, 0) AS epoch, CAST(:entry_no AS bigint) AS entry_no,
       CAST(:entry_no AS bigint) AS booked_no, s.plan, s.billing_cycle
FROM workspace_minutes w
LEFT JOIN entries e ON e.workspace_id = w.workspace_id AND e.entry_no = :entry_no
LEFT JOIN LATERAL (
    SELECT o.minutes, o.reset_date FROM lots o
    WHERE o.workspace_id = w.workspace_id AND o.kind = 'plan' AND NOT o.arrears AND o.entry_no <= :entry_no
    ORDER BY o.lot_id DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT u.plan, u.billing_cycle, u.allocation_minutes, u.reset_date,
           u.allocation_minutes IS NOT NULL AND u.ended_at IS NULL AS running
    FROM subscriptions u
    WHERE u.workspace_id = w.workspace_id AND u.started_at <= e.at AND coalesce(u.ended_at > e.at, true)
    ORDER BY u.subscription_no DESC LIMIT 1
) s ON true
WHERE w.workspace_id = :workspace_id;

-- name: balance_as_of
-- Balance as of a business time, a booking time, or both. All entries up to `entry_no` count; of those after it
-- (and booked by `booked_no`) only late ones can have happened by then: the partial index holds them.
SELECT false AS current, coalesce(e.plan_after, 0) + late.plan_delta AS plan_minutes,
       coalesce(e.extra_after, 0) + late.extra_delta AS extra_minutes, coalesce(s.allocation_minutes, p.minutes, 0) AS minutes_total,
       coalesce(e.used_after, 0) + late.used AS minutes_used,
       CASE WHEN s.running AND n.entry_no = w.entry_no THEN s.reset_date ELSE coalesce(p.reset_date, s.reset_date) END AS minutes_reset_date,
       coalesce(e.gauge_base, 0) + late.credited AS gauge_base, coalesce(e.epoch, 0) AS epoch, n.entry_no, n.booked_no,
       s.plan, s.billing_cycle
FROM workspace_minutes w
CROSS JOIN LATERAL (
    SELECT CASE WHEN CAST(:booked_at AS timestamptz) IS NULL THEN w.entry_no
                ELSE entry_as_of(w.workspace_id, 'booked', :booked_at) END AS booked_no
) b
CROSS JOIN LATERAL (
    SELECT b.booked_no, CASE WHEN CAST(:at AS timestamptz) IS NULL THEN b.booked_no
                             ELSE least(b.booked_no, entry_as_of(w.workspace_id, 'business', :at)) END AS entry_no
) n
LEFT JOIN entries e ON e.workspace_id = w.workspace_id AND e.entry_no = n.entry_no
CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.plan_delta), 0)::bigint AS plan_delta, coalesce(sum(l.extra_delta), 0)::bigint AS extra_delta,
           coalesce(sum(-l.plan_delta - l.extra_delta) FILTER (WHERE l.kind = 'use'), 0)::bigint AS used,
           coalesce(sum(l.plan_delta + l.extra_delta) FILTER (WHERE l.kind <> 'use'), 0)::bigint AS credited
    FROM entries l
    WHERE l.workspace_id = w.workspace_id AND l.at < l.latest_at AND l.at <= :at
      AND l.entry_no > n.entry_no AND l.entry_no <= n.booked_no
) late
LEFT JOIN LATERAL (
    SELECT o.minutes, o.reset_date FROM lots o
    WHERE o.workspace_id = w.workspace_id AND o.kind = 'plan' AND NOT o.arrears
      AND (o.entry_no <= n.entry_no OR (o.entry_no <= n.booked_no AND CAST(:at AS timestamptz) IS NOT NULL AND o.acquired_at <= :at))
    ORDER BY CASE WHEN CAST(:at AS timestamptz) IS NOT NULL THEN o.acquired_at END DESC, o.lot_id DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT u.plan, u.billing_cycle, u.allocation_minutes, u.reset_date,
           u.allocation_minutes IS NOT NULL AND u.ended_at IS NULL AS running
    FROM subscriptions u
    WHERE u.workspace_id = w.workspace_id AND u.started_at <= coalesce(:at, e.at) AND coalesce(u.ended_at > coalesce(:at, e.at), true)
    ORDER BY u.subscription_no DESC LIMIT 1
) s ON true
WHERE w.workspace_id = :workspace_id;

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
SELECT w.lot_count + row_number() OVER (ORDER BY d.due) AS lot_id, 'plan' AS kind, p.minutes, 0 AS drawn, 0 AS voided,
       p.minutes AS remaining, d.due AS acquired_at, w.entry_no + row_number() OVER (ORDER BY d.due) AS entry_no,
       d.due AS period_start, CAST(NULL AS uuid) AS purchase_id, d.next_due, burn_order('plan', d.due, NULL) AS burn_order
FROM workspace_minutes w
JOIN plans p ON p.plan = w.plan
CROSS JOIN LATERAL due_periods(w, :at) d
WHERE w.workspace_id = :workspace_id AND NOT d.given
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
