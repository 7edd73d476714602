-- A refund takes back at most what its own lot still holds, whatever the order of use; a give-back returns it to that lot.

INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at)
VALUES ('acme', 'Acme', 'bo@acme.example', 'sandbox', 'example', '2026-03-02 09:00+00');
INSERT INTO workspace_minutes (workspace_id) VALUES ('acme');
INSERT INTO extra_minutes_purchases (workspace_id, purchase_id, key, body, source, package, package_version, package_arm, package_name,
                                     minutes, amount_cents, currency, actor, created_at, attempted_at)
VALUES ('acme', '00000000-0000-7000-8000-000000000001', 'basket-1', '{}', 'sandbox', 'small', 1, 'standard', 'Small',
        60, 999, 'usd', 'example', '2026-03-02 09:00+00', '2026-03-02 09:00+00');
SELECT add_lot('acme', 'purchase', 60, '00000000-0000-7000-8000-000000000001', 'paid-1', '2026-03-02 09:00+00', 'stripe', NULL, 'pi_1') AS lot;
SELECT add_lot('acme', 'grant', 150, NULL, 'grant-1', '2026-03-03 09:00+00', 'example', 'welcome', NULL) AS lot;

-- 50 minutes of the purchase, the older lot, are used.
SELECT (u.entry).extra_after, (u.entry).gauge_base FROM record_use('acme', 50, 'call-1', '2026-03-04 09:00+00', NULL, 'partial') u;

-- The payment is refunded in full, so all 60 should come back: 10 are there. The grant is not touched, the gauge base falls by the same minutes.
SELECT take_from_lot('acme', 1, 60, false, 'refund', 'refund-1', '2026-03-05 09:00+00', 'stripe', 'money went back', NULL) AS entry_no;
SELECT entry_no, kind, extra_delta, extra_after, gauge_base, epoch, lot_id FROM entries WHERE workspace_id = 'acme' ORDER BY entry_no;
SELECT lot_id, minutes, drawn, voided, remaining, open FROM lots WHERE workspace_id = 'acme' ORDER BY burn_order, lot_id;

-- The bank returns the refund: exactly what was taken comes back, and no epoch opens.
SELECT give_back('acme', 1, 10, 'restore-1', '2026-03-06 09:00+00', 'stripe', 'refund failed', NULL) AS entry_no;
SELECT entry_no, kind, extra_delta, extra_after, gauge_base, epoch FROM entries WHERE workspace_id = 'acme' ORDER BY entry_no DESC LIMIT 1;

-- By hand nobody takes more than is there.
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
SELECT take_from_lot('acme', 1, 11, true, 'void', 'void-1', '2026-03-06 10:00+00', 'ann', 'mistake', NULL);
