-- Balance as of a business time, a booking time, or both. All entries up to `entry_no` count; of those after it
-- (and booked by `booked_no`) only late ones can have happened by then: the partial index holds them.
SELECT false AS current, coalesce(e.plan_after, 0) + late.plan_delta AS plan_minutes,
       coalesce(e.extra_after, 0) + late.extra_delta AS extra_minutes, coalesce(p.minutes, 0) AS minutes_total,
       coalesce(e.used_after, 0) + late.used AS minutes_used, p.reset_date AS minutes_reset_date,
       coalesce(e.top, 0) AS top, coalesce(e.epoch, 0) AS epoch, n.entry_no, n.booked_no,
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
           coalesce(sum(-l.plan_delta - l.extra_delta) FILTER (WHERE l.kind = 'use'), 0)::bigint AS used
    FROM entries l
    WHERE l.workspace_id = w.workspace_id AND l.at < l.latest_at AND l.at <= :at
      AND l.entry_no > n.entry_no AND l.entry_no <= n.booked_no
) late
LEFT JOIN LATERAL (
    SELECT o.minutes, o.reset_date FROM lots o
    WHERE o.workspace_id = w.workspace_id AND o.kind = 'plan' AND NOT o.arrears AND o.entry_no <= n.entry_no
    ORDER BY o.lot_id DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT u.plan, u.billing_cycle FROM subscriptions u
    WHERE u.workspace_id = w.workspace_id AND u.started_at <= coalesce(:at, e.at) AND coalesce(u.ended_at > coalesce(:at, e.at), true)
    ORDER BY u.subscription_no DESC LIMIT 1
) s ON true
WHERE w.workspace_id = :workspace_id
