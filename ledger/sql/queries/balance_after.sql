-- Balance right after one entry.
SELECT false AS current, coalesce(e.plan_after, 0) AS plan_minutes, coalesce(e.extra_after, 0) AS extra_minutes,
       coalesce(p.minutes, 0) AS minutes_total, coalesce(e.used_after, 0) AS minutes_used, p.reset_date AS minutes_reset_date,
       coalesce(e.top, 0) AS top, coalesce(e.epoch, 0) AS epoch, CAST(:entry_no AS bigint) AS entry_no,
       CAST(:entry_no AS bigint) AS booked_no, s.plan, s.billing_cycle
FROM workspace_minutes w
LEFT JOIN entries e ON e.workspace_id = w.workspace_id AND e.entry_no = :entry_no
LEFT JOIN LATERAL (
    SELECT o.minutes, o.reset_date FROM lots o
    WHERE o.workspace_id = w.workspace_id AND o.kind = 'plan' AND NOT o.arrears AND o.entry_no <= :entry_no
    ORDER BY o.lot_id DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT u.plan, u.billing_cycle FROM subscriptions u
    WHERE u.workspace_id = w.workspace_id AND u.started_at <= e.at AND coalesce(u.ended_at > e.at, true)
    ORDER BY u.subscription_no DESC LIMIT 1
) s ON true
WHERE w.workspace_id = :workspace_id
