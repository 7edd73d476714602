-- name: verify_changed_workspaces
-- Workspaces that have changed since a root: another last entry than under it, or rows that were sealed later.
SELECT i.workspace_id, EXISTS (SELECT 1 FROM workspaces w WHERE w.workspace_id = i.workspace_id) AS known
FROM (
    SELECT m.workspace_id
    FROM workspace_minutes m
    LEFT JOIN LATERAL (
        SELECT s.last_entry_no FROM entry_seals s
        WHERE s.workspace_id = m.workspace_id AND s.root_no <= :since_root
        ORDER BY s.last_entry_no DESC LIMIT 1
    ) b ON true
    WHERE m.entry_no <> coalesce(b.last_entry_no, 0)
    UNION
    SELECT s.workspace_id FROM entry_seals s WHERE s.root_no > :since_root
    UNION
    SELECT split_part(r.subject, '/', 1) COLLATE "C" FROM sealed_rows r WHERE r.root_no > :since_root AND is_of_workspace(r.chain)
) i
ORDER BY i.workspace_id;

-- name: verify_moment
-- What a proof is of: this database, everything that was committed before now, and the last root by then.
SELECT now() AS moment, concat((SELECT system_identifier FROM pg_control_system()), '/', current_database()) AS database,
       (SELECT max(root_no) FROM seal_roots) AS root_no;

-- name: verify_share_snapshot
SELECT pg_export_snapshot() AS snapshot;

-- name: verify_without_limits
-- A proof may read for days, and its first process only waits meanwhile.
SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true);

-- name: verify_closed_months
-- Readings of closed months are numbered 1, 2, 3 ... in the order in which they were made: those of which one is missing or late.
SELECT concat_ws(' ', 'closed_months', c.metric, c.source, c.month, c.currency, 'revision', c.revision) AS place,
       concat('revision ', c.right_no) AS expected, concat('revision ', c.revision, ', made ', c.computed_at) AS actual
FROM (
    SELECT m.*, row_number() OVER readings AS right_no, lag(m.computed_at) OVER readings AS earlier
    FROM closed_months m
    WINDOW readings AS (PARTITION BY m.metric, m.source, m.month, m.currency ORDER BY m.revision)
) c
WHERE c.revision <> c.right_no OR c.computed_at < c.earlier
ORDER BY 1;

-- name: verify_ahead_of_time
-- Monthly periods that were booked before their time: a clock was wrong.
SELECT e.workspace_id, count(*) AS entries, min(e.entry_no) AS first_no, max(e.at) AS latest_at
FROM entries e WHERE e.kind = 'reset' AND e.at > :until GROUP BY e.workspace_id ORDER BY e.workspace_id;

-- name: verify_usage_alerts
SELECT workspace_id, epoch, kind, entry_no, at, recorded_at, unmet_minutes FROM usage_alerts WHERE workspace_id = ANY(:ids);

-- name: verify_draws
-- What is stored beside the entries; a use that names its one lot needs no row here.
SELECT workspace_id, entry_no, lot_id, minutes FROM stored_draws WHERE workspace_id = ANY(:ids) ORDER BY workspace_id, entry_no;

-- name: verify_entries
SELECT e.workspace_id, e.entry_no, e.kind, e.key, e.plan_after - e.plan_delta AS plan_before, e.plan_delta, e.plan_after,
       e.extra_after - e.extra_delta AS extra_before, e.extra_delta, e.extra_after,
       e.minutes, e.unmet_minutes, e.used_after, e.at, e.recorded_at, e.latest_at, e.epoch, e.gauge_base, e.lot_id, e.overage_policy, e.thresholds
FROM entries e WHERE e.workspace_id = ANY(:ids) ORDER BY e.workspace_id, e.entry_no;

-- name: verify_facts
-- Facts that were counted from the entries up to the mark of their workspace, counted again: the rows that differ.
WITH counted AS (
    SELECT e.* FROM rollup_marks k
    JOIN entries e ON e.workspace_id = k.workspace_id AND e.entry_no <= k.entry_no
    WHERE k.workspace_id = ANY(:ids)
), uses AS (
    SELECT u.*, CAST(u.at AT TIME ZONE s.report_timezone AS date) AS day FROM counted u CROSS JOIN rollup_state s WHERE u.kind = 'use'
), facts AS (
    SELECT workspace_id, concat('monthly_usage_cache ', CAST(date_trunc('month', at AT TIME ZONE 'UTC') AS date)) AS place,
           concat_ws(' ', -sum(plan_delta), -sum(extra_delta), sum(unmet_minutes)) AS counts
    FROM uses GROUP BY 1, 2
    UNION ALL
    SELECT workspace_id, concat('usage_by_epoch ', epoch),
           concat_ws(' ', -sum(plan_delta), -sum(extra_delta), sum(unmet_minutes), count(*), min(at), max(at))
    FROM uses GROUP BY 1, 2
    UNION ALL
    SELECT workspace_id, concat('unmet_days ', day), concat_ws(' ', sum(unmet_minutes), count(*))
    FROM uses WHERE unmet_minutes > 0 GROUP BY 1, 2
    UNION ALL
    SELECT m.workspace_id, concat('lot_days ', m.lot_id, ' ', m.day), concat_ws(' ', sum(m.drawn), sum(m.voided))
    FROM (
        SELECT d.workspace_id, d.lot_id, u.day, d.minutes AS drawn, 0 AS voided
        FROM uses u JOIN draws d ON d.workspace_id = u.workspace_id AND d.entry_no = u.entry_no
        UNION ALL
        SELECT c.workspace_id, c.lot_id, CAST(c.at AT TIME ZONE s.report_timezone AS date), 0, -c.extra_delta
        FROM counted c CROSS JOIN rollup_state s
        WHERE c.kind IN ('void', 'refund', 'dispute', 'restore') AND c.extra_delta <> 0
    ) m
    JOIN lots l ON l.workspace_id = m.workspace_id AND l.lot_id = m.lot_id AND l.kind = 'purchase'
    GROUP BY m.workspace_id, m.lot_id, m.day
    UNION ALL
    SELECT c.workspace_id, concat('balance_days ', CAST(c.at AT TIME ZONE s.report_timezone AS date)),
           CAST(sum(c.plan_delta + c.extra_delta) AS text)
    FROM counted c CROSS JOIN rollup_state s WHERE c.plan_delta + c.extra_delta <> 0
    GROUP BY 1, 2
    UNION ALL
    SELECT k.workspace_id, 'rollup_marks minutes', CAST(coalesce(c.plan_after + c.extra_after, 0) AS text)
    FROM rollup_marks k LEFT JOIN counted c ON c.workspace_id = k.workspace_id AND c.entry_no = k.entry_no
    WHERE k.workspace_id = ANY(:ids)
), stored AS (
    SELECT workspace_id, concat('monthly_usage_cache ', month) AS place, concat_ws(' ', plan_minutes, extra_minutes, unmet_minutes) AS counts
    FROM monthly_usage_cache WHERE workspace_id = ANY(:ids)
    UNION ALL
    SELECT workspace_id, concat('usage_by_epoch ', epoch),
           concat_ws(' ', plan_minutes, extra_minutes, unmet_minutes, uses, first_use_at, last_use_at)
    FROM usage_by_epoch WHERE workspace_id = ANY(:ids)
    UNION ALL
    SELECT workspace_id, concat('unmet_days ', day), concat_ws(' ', unmet_minutes, uses) FROM unmet_days WHERE workspace_id = ANY(:ids)
    UNION ALL
    SELECT workspace_id, concat('lot_days ', lot_id, ' ', day), concat_ws(' ', drawn, voided) FROM lot_days WHERE workspace_id = ANY(:ids)
    UNION ALL
    SELECT workspace_id, concat('balance_days ', day), CAST(minutes AS text) FROM balance_days WHERE workspace_id = ANY(:ids)
    UNION ALL
    SELECT workspace_id, 'rollup_marks minutes', CAST(minutes AS text) FROM rollup_marks WHERE workspace_id = ANY(:ids)
)
SELECT workspace_id, place, f.counts AS expected, k.counts AS actual
FROM facts f FULL JOIN stored k USING (workspace_id, place)
WHERE f.counts IS DISTINCT FROM k.counts
ORDER BY workspace_id, place;

-- name: verify_hold_outs
-- Of one source no two hold-outs run at the same time: those that do.
SELECT concat('hold_outs ', h.hold_out) AS place, concat('to begin after ', o.hold_out, ' has ended') AS expected,
       concat('begins ', h.starts_at) AS actual
FROM hold_outs h
JOIN hold_outs o ON o.source = h.source AND (o.starts_at, o.hold_out) < (h.starts_at, h.hold_out)
                AND coalesce(o.ends_at, 'infinity') > h.starts_at
ORDER BY 1;

-- name: verify_lots
SELECT l.*, burn_order(l.kind, l.acquired_at, l.expires_at) AS expected_burn_order, l.period_start IS NOT NULL AS is_reset,
       l.purchase_id IS NOT NULL AS has_purchase, o.anchor_at,
       CASE WHEN l.period_start IS NOT NULL THEN next_reset(o.anchor_at, l.period_start) END AS right_reset_date
FROM lots l
LEFT JOIN LATERAL (
    SELECT a.acquired_at AS anchor_at FROM lots a
    WHERE a.workspace_id = l.workspace_id AND a.kind = 'plan' AND NOT a.arrears AND a.period_start IS NULL AND a.lot_id <= l.lot_id
    ORDER BY a.lot_id DESC LIMIT 1
) o ON l.kind = 'plan'
WHERE l.workspace_id = ANY(:ids) ORDER BY l.workspace_id, l.lot_id;

-- name: verify_minutes
-- A workspace without entries has no running times yet: null, because -infinity is no time of Python.
SELECT workspace_id, plan, billing_cycle, managed_by, minutes_total, minutes_used, minutes_remaining, extra_minutes_remaining,
       minutes_reset_date, anchor_at, entry_no, epoch, gauge_base, lot_count, subscription_no, warned, plan_exhausted, limit_hit,
       current_lot_id, current_remaining,
       nullif(latest_at, '-infinity') AS latest_at, nullif(recorded_at, '-infinity') AS recorded_at
FROM workspace_minutes WHERE workspace_id = ANY(:ids);

-- name: verify_ordered_since
-- Since when the present order of use holds; no row: since the first booking.
SELECT applied_at FROM schema_migrations WHERE version = 'burn_order' AND name = 'changed';

-- name: verify_purchases
-- Paid without minutes, minutes without payment, and minutes that differ from what was bought or taken back.
SELECT p.workspace_id, p.purchase_id, p.status, p.minutes, p.paid_at, p.lot_id, p.taken_back_minutes,
       l.lot_id AS booked_lot_id, l.minutes AS lot_minutes, p.payment_intent, p.charge,
       (SELECT coalesce(sum(CASE WHEN e.kind = 'restore' THEN -e.minutes ELSE e.minutes END), 0)::bigint FROM entries e
        WHERE e.workspace_id = p.workspace_id AND e.lot_id = l.lot_id AND e.kind IN ('refund', 'dispute', 'restore')) AS taken_minutes
FROM extra_minutes_purchases p
LEFT JOIN lots l ON l.workspace_id = p.workspace_id AND l.purchase_id = p.purchase_id
WHERE p.workspace_id = ANY(:ids) AND (p.paid_at IS NOT NULL OR l.lot_id IS NOT NULL);

-- name: verify_waiting_objects
-- Which of these objects of Stripe an event in the inbox is still about: paid a moment ago, it will bring the minutes.
SELECT DISTINCT w.object_id FROM stripe_events w WHERE w.next_attempt_at IS NOT NULL AND w.object_id = ANY(CAST(:object_ids AS text[]));

-- name: verify_subscriptions
SELECT workspace_id, subscription_no, plan, billing_cycle, managed_by, started_at, ended_at, allocation_minutes, reset_date
FROM subscriptions
WHERE workspace_id = ANY(:ids) ORDER BY workspace_id, subscription_no;

-- name: verify_repeated_days
-- Repeats of the sums, counted again from the days of each workspace: the rows that differ.
WITH added AS (
    SELECT d.metric, w.source, d.scope, d.day, d.previous_day, d.plan, d.billing_cycle, sum(d.value) AS value, sum(d.n) AS n
    FROM workspaces w
    JOIN repeats d ON d.workspace_id = w.workspace_id AND d.metric IN (SELECT r.metric FROM repeated_days r)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT concat_ws(' ', 'repeated_days', metric, source, scope, day, previous_day, plan, billing_cycle) AS place,
       concat_ws(' ', a.value, a.n) AS expected, concat_ws(' ', r.value, r.n) AS actual
FROM added a
FULL JOIN repeated_days r USING (metric, source, scope, day, previous_day, plan, billing_cycle)
WHERE (coalesce(a.value, 0), coalesce(a.n, 0)) <> (coalesce(r.value, 0), coalesce(r.n, 0))
ORDER BY 1;

-- name: verify_sums
-- The sums that the screens read, added up again from what each workspace adds to them: the rows that differ.
WITH days AS (
    SELECT d.metric, w.source, d.day, d.plan, d.billing_cycle, d.package, d.currency, d.part,
           sum(d.value) AS value, sum(d.weight) AS weight, sum(d.n) AS n
    FROM workspace_days d JOIN workspaces w ON w.workspace_id = d.workspace_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), months AS (
    SELECT metric, source, CAST(date_trunc('month', CAST(day AS timestamp)) AS date) AS day, plan, billing_cycle, package, currency, part,
           sum(value) AS value, sum(weight) AS weight, sum(n) AS n
    FROM days GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), added AS (
    SELECT 'daily_rollups' AS sums, days.* FROM days UNION ALL SELECT 'monthly_rollups', months.* FROM months
), stored AS (
    SELECT 'daily_rollups' AS sums, metric, source, day, plan, billing_cycle, package, currency, part, value, weight, n FROM daily_rollups
    UNION ALL
    SELECT 'monthly_rollups', metric, source, month, plan, billing_cycle, package, currency, part, value, weight, n FROM monthly_rollups
)
SELECT concat_ws(' ', sums, metric, source, day, plan, billing_cycle, package, currency, part) AS place,
       concat_ws(' ', a.value, a.weight, a.n) AS expected, concat_ws(' ', k.value, k.weight, k.n) AS actual
FROM added a
FULL JOIN stored k USING (sums, metric, source, day, plan, billing_cycle, package, currency, part)
WHERE (coalesce(a.value, 0), coalesce(a.weight, 0), coalesce(a.n, 0)) <> (coalesce(k.value, 0), coalesce(k.weight, 0), coalesce(k.n, 0))
ORDER BY 1;

-- name: verify_workspaces
-- The next ids to verify, in order; also those that only the ledger or a seal knows: nothing but `verify` holds them to `workspaces`.
SELECT i.workspace_id, bool_or(i.known) AS known
FROM (
    (SELECT workspace_id, true AS known FROM workspaces WHERE workspace_id > :after ORDER BY workspace_id LIMIT :limit)
    UNION ALL
    (SELECT workspace_id, false FROM workspace_minutes WHERE workspace_id > :after ORDER BY workspace_id LIMIT :limit)
    UNION ALL
    (SELECT workspace_id, false FROM entries WHERE workspace_id > :after AND entry_no = 1 ORDER BY workspace_id LIMIT :limit)
    UNION ALL
    (SELECT workspace_id, false FROM entry_seals WHERE workspace_id > :after AND first_entry_no = 1 ORDER BY workspace_id LIMIT :limit)
) i
GROUP BY i.workspace_id
ORDER BY i.workspace_id
LIMIT :limit;

-- name: verify_idempotency_keys
SELECT workspace_id, operation, key, entry_no, lot_id FROM idempotency_keys WHERE workspace_id = ANY(:ids);
