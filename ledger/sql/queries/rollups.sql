-- name: rollup_balances
INSERT INTO balance_days AS b (workspace_id, day, minutes)
SELECT e.workspace_id, CAST(e.at AT TIME ZONE :timezone AS date), CAST(sum(e.plan_delta + e.extra_delta) AS bigint)
FROM rollup_work r
JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no
WHERE e.plan_delta + e.extra_delta <> 0
GROUP BY 1, 2
ON CONFLICT (workspace_id, day) DO UPDATE SET minutes = b.minutes + EXCLUDED.minutes;

-- name: rollup_clear
DELETE FROM rollup_work;

-- name: rollup_collect
-- Workspaces with entries that are not rolled up, and those with facts that lay in the future then. With :sweep, all of
-- them: payments and subscription periods may change without an entry.
INSERT INTO rollup_work (workspace_id, from_no, to_no, known_signature)
SELECT w.workspace_id, coalesce(k.entry_no, 0), w.entry_no, k.signature
FROM workspace_minutes w
LEFT JOIN rollup_marks k ON k.workspace_id = w.workspace_id
WHERE :sweep OR k.workspace_id IS NULL OR k.entry_no <> w.entry_no OR w.latest_at > CAST(:data_to AS timestamptz);

-- name: rollup_done
UPDATE rollup_state SET report_timezone = :timezone, definitions = :definitions, data_to = greatest(data_to, :at),
    swept_to = CASE WHEN :sweep THEN :at ELSE swept_to END;

-- name: rollup_drop_empty
WITH months AS (DELETE FROM monthly_rollups WHERE n = 0), repeats AS (DELETE FROM repeated_days WHERE value = 0 AND n = 0)
DELETE FROM daily_rollups WHERE n = 0;

-- name: rollup_epochs
INSERT INTO usage_by_epoch AS u (workspace_id, epoch, plan_minutes, extra_minutes, unmet_minutes, uses, first_use_at, last_use_at)
SELECT e.workspace_id, e.epoch, CAST(-sum(e.plan_delta) AS bigint), CAST(-sum(e.extra_delta) AS bigint),
       CAST(sum(e.unmet_minutes) AS bigint), count(*), min(e.at), max(e.at)
FROM rollup_work r
JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no
WHERE e.kind = 'use'
GROUP BY 1, 2
ON CONFLICT (workspace_id, epoch) DO UPDATE SET
    plan_minutes = u.plan_minutes + EXCLUDED.plan_minutes,
    extra_minutes = u.extra_minutes + EXCLUDED.extra_minutes,
    unmet_minutes = u.unmet_minutes + EXCLUDED.unmet_minutes,
    uses = u.uses + EXCLUDED.uses,
    first_use_at = least(u.first_use_at, EXCLUDED.first_use_at),
    last_use_at = greatest(u.last_use_at, EXCLUDED.last_use_at);

-- name: rollup_forget_all
-- Everything that can be made again from entries, lots, payments and subscription periods.
WITH marks AS (DELETE FROM rollup_marks), months AS (DELETE FROM monthly_usage_cache), epochs AS (DELETE FROM usage_by_epoch),
     unmet AS (DELETE FROM unmet_days), lot AS (DELETE FROM lot_days), balances AS (DELETE FROM balance_days), days AS (DELETE FROM workspace_days),
     whole_months AS (DELETE FROM monthly_rollups), repeats AS (DELETE FROM repeated_days)
DELETE FROM daily_rollups;

-- name: rollup_forget_days
DELETE FROM workspace_days d USING rollup_work r WHERE r.workspace_id = d.workspace_id;

-- name: rollup_lots
-- Draws of uses, and what voids, refunds, disputes and give-backs moved in the lot they name.
INSERT INTO lot_days AS l (workspace_id, lot_id, day, drawn, voided)
SELECT m.workspace_id, m.lot_id, m.day, CAST(sum(m.drawn) AS bigint), CAST(sum(m.voided) AS bigint)
FROM (
    SELECT d.workspace_id, d.lot_id, CAST(e.at AT TIME ZONE :timezone AS date) AS day, d.minutes AS drawn, 0 AS voided
    FROM rollup_work r
    JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no AND e.extra_delta < 0 AND e.kind = 'use'
    JOIN draws d ON d.workspace_id = e.workspace_id AND d.entry_no = e.entry_no
    UNION ALL
    SELECT e.workspace_id, e.lot_id, CAST(e.at AT TIME ZONE :timezone AS date), 0, -e.extra_delta
    FROM rollup_work r
    JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no
    WHERE e.kind IN ('void', 'refund', 'dispute', 'restore') AND e.extra_delta <> 0
) m
JOIN lots o ON o.workspace_id = m.workspace_id AND o.lot_id = m.lot_id
WHERE o.kind = 'purchase'
GROUP BY 1, 2, 3
ON CONFLICT (workspace_id, lot_id, day) DO UPDATE SET drawn = l.drawn + EXCLUDED.drawn, voided = l.voided + EXCLUDED.voided;

-- name: rollup_mark
INSERT INTO rollup_marks (workspace_id, entry_no, signature, minutes)
SELECT r.workspace_id, r.to_no, r.signature, coalesce(e.plan_after + e.extra_after, 0)
FROM rollup_work r
LEFT JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no = r.to_no
ON CONFLICT (workspace_id) DO UPDATE SET
    entry_no = EXCLUDED.entry_no, signature = EXCLUDED.signature, minutes = EXCLUDED.minutes;

-- name: rollup_months
INSERT INTO monthly_usage_cache AS c (workspace_id, month, plan_minutes, extra_minutes, unmet_minutes)
SELECT e.workspace_id, CAST(date_trunc('month', e.at AT TIME ZONE 'UTC') AS date),
       CAST(-sum(e.plan_delta) AS bigint), CAST(-sum(e.extra_delta) AS bigint), CAST(sum(e.unmet_minutes) AS bigint)
FROM rollup_work r
JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no
WHERE e.kind = 'use'
GROUP BY 1, 2
ON CONFLICT (workspace_id, month) DO UPDATE SET
    plan_minutes = c.plan_minutes + EXCLUDED.plan_minutes,
    extra_minutes = c.extra_minutes + EXCLUDED.extra_minutes,
    unmet_minutes = c.unmet_minutes + EXCLUDED.unmet_minutes;

-- name: rollup_repeats
-- :sign: 1 to add the repeats of the workspaces, -1 to take out what they added.
INSERT INTO repeated_days AS t (metric, source, scope, day, previous_day, plan, billing_cycle, value, n)
SELECT d.metric, w.source, d.scope, d.day, d.previous_day, d.plan, d.billing_cycle,
       CAST(:sign * sum(d.value) AS bigint), CAST(:sign * sum(d.n) AS bigint)
FROM rollup_work r
JOIN workspaces w ON w.workspace_id = r.workspace_id
JOIN repeats d ON d.workspace_id = r.workspace_id AND d.metric = ANY(CAST(:metrics AS text[]))
GROUP BY 1, 2, 3, 4, 5, 6, 7
ON CONFLICT (metric, source, scope, day, previous_day, plan, billing_cycle) DO UPDATE SET
    value = t.value + EXCLUDED.value, n = t.n + EXCLUDED.n;

-- name: rollup_rows
-- :once: a workspace counts once a day, however many rows it has.
INSERT INTO workspace_days (workspace_id, metric, day, plan, billing_cycle, package, currency, part, value, weight, n)
SELECT q.workspace_id, :name, CAST(q.at AT TIME ZONE :timezone AS date), q.plan, q.billing_cycle, q.package, q.currency, q.part,
       CASE WHEN :once THEN max(q.value) ELSE sum(q.value) END,
       CASE WHEN :once THEN max(q.weight) ELSE CAST(sum(q.weight) AS bigint) END, CASE WHEN :once THEN 1 ELSE count(*) END
FROM (
/* rows */
) q
JOIN rollup_work r ON r.workspace_id = q.workspace_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

-- name: rollup_sign
-- A number for everything about payments, plans, offers seen and alerts delivered that the metrics count and that may change without an entry.
UPDATE rollup_work w SET signature = s.signature
FROM (
SELECT r.workspace_id,
    coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', p.purchase_id, p.source, p.status, extract(epoch FROM p.paid_at),
                  p.amount_cents, p.tax_cents, p.discount_cents, p.currency, p.minutes, p.lot_id, p.fee_cents, p.fee_currency, p.refunded_cents, p.dispute_status, p.paid_at <= :at,
                  extract(epoch FROM p.created_at), p.created_at <= :at), 1))
              FROM extra_minutes_purchases p WHERE p.workspace_id = r.workspace_id), 0)
    # coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', f.refund_id, f.status, f.amount_cents, extract(epoch FROM f.refunded_at),
                  f.refunded_at <= :at), 2))
              FROM refunds f WHERE f.workspace_id = r.workspace_id), 0)
    # coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', d.dispute_id, d.status, d.amount_cents, d.fee_cents, extract(epoch FROM d.opened_at),
                  extract(epoch FROM d.closed_at), coalesce(d.closed_at, d.opened_at) <= :at), 3))
              FROM disputes d WHERE d.workspace_id = r.workspace_id), 0)
    # coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', s.subscription_no, s.plan, s.billing_cycle,
                  extract(epoch FROM s.started_at), extract(epoch FROM s.ended_at)), 4))
              FROM subscriptions s WHERE s.workspace_id = r.workspace_id), 0)
    # coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', o.key, extract(epoch FROM o.at), o.at <= :at), 5))
              FROM offers_seen o WHERE o.workspace_id = r.workspace_id), 0)
    # coalesce((SELECT bit_xor(hashtextextended(concat_ws('|', e.event_no, d.endpoint_id), 6))
              FROM outgoing_events e
              JOIN event_deliveries d ON d.workspace_id = e.workspace_id AND d.event_no = e.event_no AND d.state = 'delivered'
              WHERE e.workspace_id = r.workspace_id AND e.type = 'usage.limit_hit'), 0) AS signature
FROM rollup_work r
) s
WHERE s.workspace_id = w.workspace_id;

-- name: rollup_skip
DELETE FROM rollup_work WHERE from_no = to_no AND signature = known_signature AND :sweep;

-- name: rollup_sources
SELECT DISTINCT w.source FROM rollup_work r JOIN workspaces w ON w.workspace_id = r.workspace_id ORDER BY 1;

-- name: rollup_sum
-- :sign: 1 to add what the workspaces add to the sums, -1 to take it out.
WITH changes AS MATERIALIZED (
    SELECT d.metric, w.source, d.day, d.plan, d.billing_cycle, d.package, d.currency, d.part,
           :sign * sum(d.value) AS value, CAST(:sign * sum(d.weight) AS bigint) AS weight, CAST(:sign * sum(d.n) AS bigint) AS n
    FROM rollup_work r
    JOIN workspaces w ON w.workspace_id = r.workspace_id
    JOIN workspace_days d ON d.workspace_id = r.workspace_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), months AS (
    INSERT INTO monthly_rollups AS t (metric, source, month, plan, billing_cycle, package, currency, part, value, weight, n)
    SELECT metric, source, CAST(date_trunc('month', CAST(day AS timestamp)) AS date), plan, billing_cycle, package, currency, part,
           sum(value), CAST(sum(weight) AS bigint), CAST(sum(n) AS bigint)
    FROM changes
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (metric, source, month, plan, billing_cycle, package, currency, part) DO UPDATE SET
        value = t.value + EXCLUDED.value, weight = t.weight + EXCLUDED.weight, n = t.n + EXCLUDED.n
)
INSERT INTO daily_rollups AS t (metric, source, day, plan, billing_cycle, package, currency, part, value, weight, n)
SELECT metric, source, day, plan, billing_cycle, package, currency, part, value, weight, n FROM changes
ON CONFLICT (metric, source, day, plan, billing_cycle, package, currency, part) DO UPDATE SET
    value = t.value + EXCLUDED.value, weight = t.weight + EXCLUDED.weight, n = t.n + EXCLUDED.n;

-- name: rollup_unmet
INSERT INTO unmet_days AS u (workspace_id, day, unmet_minutes, uses)
SELECT e.workspace_id, CAST(e.at AT TIME ZONE :timezone AS date), CAST(sum(e.unmet_minutes) AS bigint), count(*)
FROM rollup_work r
JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no
WHERE e.kind = 'use' AND e.unmet_minutes > 0
GROUP BY 1, 2
ON CONFLICT (workspace_id, day) DO UPDATE SET
    unmet_minutes = u.unmet_minutes + EXCLUDED.unmet_minutes, uses = u.uses + EXCLUDED.uses;

-- name: rollup_work_count
SELECT count(*) FROM rollup_work;
