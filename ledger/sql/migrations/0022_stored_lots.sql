-- A use that its current lot covers moves the locked row and writes no lot: what that lot has lost since it was last written
-- stands in workspace_minutes. Readers see every lot as it is now, in the view `lots`.
ALTER TABLE lots RENAME TO stored_lots;
UPDATE table_kinds SET table_name = 'stored_lots' WHERE table_name = 'lots';
COMMENT ON TABLE stored_lots IS 'Lots as they were last written: the current lot of a workspace holds workspace_minutes.current_remaining. Read `lots`.';
COMMENT ON COLUMN workspace_minutes.current_lot_id IS 'The first open lot in the order of use, whose draws are not written to it yet; null: to be looked for.';

CREATE VIEW lots AS
    SELECT l.workspace_id, l.lot_id, l.kind, l.minutes, coalesce(l.minutes - l.voided - w.current_remaining, l.drawn) AS drawn, l.voided,
           coalesce(w.current_remaining, l.remaining) AS remaining, l.open, l.turn, l.entry_no, l.acquired_at, l.period_start,
           l.reset_date, l.expires_at, l.purchase_id, l.arrears
    FROM stored_lots l
    LEFT JOIN workspace_minutes w ON w.workspace_id = l.workspace_id AND w.current_lot_id = l.lot_id;
COMMENT ON VIEW lots IS 'Every lot as it is now.';

-- A use moves the locked row first and writes its entry then: the two are compared when both are there, at the commit.
ALTER TABLE workspace_minutes ALTER CONSTRAINT workspace_minutes_is_last_entry DEFERRABLE INITIALLY DEFERRED;

-- grants
GRANT SELECT ON lots TO ledger_app;
