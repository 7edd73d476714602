-- A workspace without entries has no running times yet: null, because -infinity is no time of Python.
SELECT workspace_id, plan, billing_cycle, managed_by, minutes_total, minutes_used, minutes_remaining, extra_minutes_remaining,
       minutes_reset_date, anchor_at, entry_no, epoch, top, lot_count, subscription_no, warned, plan_exhausted, limit_hit,
       current_lot_id, current_remaining,
       nullif(latest_at, '-infinity') AS latest_at, nullif(recorded_at, '-infinity') AS recorded_at
FROM workspace_minutes WHERE workspace_id = ANY(:ids)
