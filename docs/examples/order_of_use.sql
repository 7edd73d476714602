-- Plan minutes first, then extra minutes, the oldest lot first; what is not there is recorded as unmet.

INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at)
VALUES ('acme', 'Acme', 'bo@acme.example', 'sandbox', 'example', '2026-03-02 09:00+00');
INSERT INTO workspace_minutes (workspace_id) VALUES ('acme');

-- 200 minutes of a plan, and two grants. The second grant was promised earlier: by its age it is used before the first.
SELECT allocate_plan('acme', 'starter', 'monthly', 'ledger', NULL, 'order-1', '2026-03-02 09:00+00', 'example', NULL) AS lot;
SELECT add_lot('acme', 'grant', 60, NULL, 'grant-1', '2026-03-03 09:00+00', 'example', 'welcome', NULL) AS lot;
SELECT add_lot('acme', 'grant', 40, NULL, 'grant-2', '2026-03-01 09:00+00', 'example', 'promised', NULL) AS lot;

SELECT lot_id, kind, minutes, remaining FROM lots WHERE workspace_id = 'acme' ORDER BY burn_order, lot_id;

-- One use across all three, one call to the database.
SELECT (u.entry).entry_no, (u.entry).plan_delta, (u.entry).extra_delta, (u.entry).unmet_minutes, (u.entry).thresholds, u.repeated
FROM record_use('acme', 250, 'call-1', '2026-03-04 10:00+00', NULL, 'partial') u;
SELECT d.lot_id, d.minutes FROM draws d JOIN lots l USING (workspace_id, lot_id) WHERE d.workspace_id = 'acme' AND d.entry_no = 4 ORDER BY l.burn_order, l.lot_id;

-- The same key again: the first answer, and nothing moves.
SELECT (u.entry).entry_no, (u.entry).plan_delta, (u.entry).extra_delta, u.repeated
FROM record_use('acme', 250, 'call-1', '2026-03-04 10:00+00', NULL, 'partial') u;

-- More than is left: all or nothing is refused and books nothing, otherwise 10 minutes stay unmet.
SELECT u.refusal FROM record_use('acme', 60, 'call-2', '2026-03-04 11:00+00', NULL, 'full') u;
SELECT (u.entry).entry_no, (u.entry).extra_delta, (u.entry).unmet_minutes
FROM record_use('acme', 60, 'call-3', '2026-03-04 11:00+00', NULL, 'partial') u;

-- What this crossed, once each until minutes are credited again.
SELECT kind, entry_no, unmet_minutes FROM usage_alerts WHERE workspace_id = 'acme' ORDER BY entry_no, kind;
SELECT plan_minutes, extra_minutes, round(percent_used, 1) AS percent_used, warning, allowed FROM usage_limit_at('acme', 1, '2026-03-04 12:00+00');
