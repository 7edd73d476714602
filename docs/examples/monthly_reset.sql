-- Monthly minutes come on the day and time of the last allocation, one lot for each month, exactly once, however late.

INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at)
VALUES ('acme', 'Acme', 'bo@acme.example', 'sandbox', 'example', '2026-01-31 10:00+00');
INSERT INTO workspace_minutes (workspace_id) VALUES ('acme');
SELECT allocate_plan('acme', 'starter', 'monthly', 'ledger', NULL, 'order-1', '2026-01-31 10:00+00', 'example', NULL) AS lot;
SELECT minutes_remaining, minutes_reset_date FROM workspace_minutes WHERE workspace_id = 'acme';

-- No job ran for three months. The first use in May books what is due before it draws.
SELECT (u.entry).entry_no, (u.entry).plan_delta, (u.entry).plan_after
FROM record_use('acme', 5, 'call-1', '2026-05-01 08:00+00', NULL, 'partial') u;
SELECT entry_no, kind, plan_delta, plan_after, at FROM entries WHERE workspace_id = 'acme' ORDER BY entry_no;
SELECT lot_id, period_start, minutes, remaining, reset_date FROM lots WHERE workspace_id = 'acme' ORDER BY burn_order, lot_id;

-- The job comes too, twice: nothing is left to book.
SELECT reset_monthly_minutes('acme', '2026-05-01 09:00+00') AS last_entry, minutes_reset_date FROM workspace_minutes WHERE workspace_id = 'acme';
SELECT reset_monthly_minutes('acme', '2026-05-01 09:00+00') AS last_entry, minutes_reset_date FROM workspace_minutes WHERE workspace_id = 'acme';

-- An annual plan gives twelve months at once and has no reset date.
SELECT allocate_plan('acme', 'pro', 'annual', 'ledger', NULL, 'order-2', '2026-05-02 12:00+00', 'example', NULL) AS lot;
SELECT plan, billing_cycle, minutes_total, minutes_remaining, minutes_reset_date FROM workspace_minutes WHERE workspace_id = 'acme';
