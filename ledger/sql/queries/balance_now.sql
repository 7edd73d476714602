-- The locked row of a workspace is its balance now.
SELECT true AS current, w.minutes_remaining AS plan_minutes, w.extra_minutes_remaining AS extra_minutes, w.minutes_total,
       w.minutes_used, w.minutes_reset_date, w.top, w.epoch, w.entry_no, w.entry_no AS booked_no, w.plan, w.billing_cycle
FROM workspace_minutes w
WHERE w.workspace_id = :workspace_id
