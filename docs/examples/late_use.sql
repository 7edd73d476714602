-- A use that is reported late is booked now, at the end of the statement. Both times are kept, both can be asked for.

INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at)
VALUES ('acme', 'Acme', 'bo@acme.example', 'sandbox', 'example', '2026-03-02 09:00+00');
INSERT INTO workspace_minutes (workspace_id) VALUES ('acme');
SELECT add_lot('acme', 'grant', 100, NULL, 'grant-1', '2026-03-02 09:00+00', 'example', 'welcome', NULL) AS lot;
SELECT (u.entry).entry_no, (u.entry).extra_after FROM record_use('acme', 30, 'call-1', '2026-03-10 10:00+00', NULL, 'partial') u;

-- What support saw before the late one came.
SELECT clock_timestamp() AS seen_at \gset

-- A call of 5 March.
SELECT (u.entry).entry_no, (u.entry).extra_after FROM record_use('acme', 20, 'call-0', '2026-03-05 10:00+00', NULL, 'partial') u;

SELECT entry_no, kind, extra_delta, extra_after, at, latest_at, at < latest_at AS late FROM entries WHERE workspace_id = 'acme' ORDER BY entry_no;

-- As of a booking time: the last entry booked by then. This is what the screen showed.
SELECT entry_no, extra_after AS shown FROM entries WHERE workspace_id = 'acme' AND entry_no = entry_as_of('acme', 'booked', :'seen_at');

-- As of a business time: what had happened by 6 March, the late use included.
SELECT e.entry_no, e.extra_after AS by_entry, sum(late.extra_delta) AS late, e.extra_after + sum(late.extra_delta) AS on_6_march
FROM entries e
JOIN entries late ON late.workspace_id = e.workspace_id AND late.at < late.latest_at AND late.at <= '2026-03-06' AND late.entry_no > e.entry_no
WHERE e.workspace_id = 'acme' AND e.entry_no = entry_as_of('acme', 'business', '2026-03-06')
GROUP BY e.entry_no, e.extra_after;

-- Nobody edits a statement: the application may add entries, never change or remove one.
\set ON_ERROR_STOP off
UPDATE entries SET extra_delta = 0 WHERE workspace_id = 'acme' AND entry_no = 2;
DELETE FROM entries WHERE workspace_id = 'acme';
