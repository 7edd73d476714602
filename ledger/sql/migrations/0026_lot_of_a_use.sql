-- A use that leaves minutes in the lot it draws from names that lot in its entry, and needs no draw of its own. Draws are stored
-- for the other uses: those that empty a lot. Readers see what every use took from every lot in the view `draws`.
ALTER TABLE draws RENAME TO stored_draws;
UPDATE table_kinds SET table_name = 'stored_draws' WHERE table_name = 'draws';
COMMENT ON TABLE stored_draws IS 'What uses that do not name their one lot took from each lot. Read `draws`.';
COMMENT ON COLUMN entries.lot_id IS 'The lot that was credited or taken from; of a use: the one lot that all its minutes came from, unless its draws are stored.';

CREATE VIEW draws AS
    SELECT d.workspace_id, d.entry_no, d.lot_id, d.minutes FROM stored_draws d
    UNION ALL
    SELECT e.workspace_id, e.entry_no, e.lot_id, e.minutes FROM entries e WHERE e.kind = 'use' AND e.lot_id IS NOT NULL;
COMMENT ON VIEW draws IS 'What each use took from each lot.';

CREATE OR REPLACE VIEW extra_minutes_usage AS
    SELECT d.workspace_id, d.entry_no, d.lot_id, l.kind AS lot_kind, l.purchase_id, d.minutes, e.at, e.recorded_at, e.key
    FROM draws d
    JOIN lots l ON l.workspace_id = d.workspace_id AND l.lot_id = d.lot_id AND l.kind <> 'plan'
    JOIN entries e ON e.workspace_id = d.workspace_id AND e.entry_no = d.entry_no;

-- The rules of 0024, and one more: what names one lot took all its minutes from it, and so from one pool.
CREATE OR REPLACE FUNCTION entry_is_sound(e record) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN least(e.plan_after, e.extra_after, e.unmet_minutes) < 0 THEN 'entries_never_negative'
        WHEN e.minutes <> e.unmet_minutes + abs(e.plan_delta + e.extra_delta) THEN 'entries_add_up'
        WHEN e.plan_before + e.plan_delta <> e.plan_after OR e.extra_before + e.extra_delta <> e.extra_after THEN 'entries_add_up'
        WHEN e.previous_no IS DISTINCT FROM nullif(e.entry_no - 1, 0) THEN 'entries_numbered_without_gaps'
        WHEN e.previous_no IS NULL AND (e.plan_before <> 0 OR e.extra_before <> 0) THEN 'entries_first_starts_at_zero'
        WHEN (e.kind = 'use') <> (e.take IS NOT NULL) THEN 'entries_use_has_take'
        WHEN e.take IS NULL AND e.lot_id IS NULL THEN 'entries_use_only_draws'
        WHEN e.take IS NOT NULL AND greatest(e.plan_delta, e.extra_delta) > 0 THEN 'entries_use_only_draws'
        WHEN e.lot_id IS NOT NULL AND (e.unmet_minutes <> 0 OR least(abs(e.plan_delta), abs(e.extra_delta)) <> 0) THEN 'entries_one_lot_one_pool'
        WHEN e.kind >= 'grant' AND coalesce(btrim(e.reason), '') = '' THEN 'entries_decision_has_reason'
        WHEN e.key = '' THEN 'entries_key_not_empty'
    END;
BEGIN
    IF broken IS NULL THEN
        RETURN true;
    END IF;
    RETURN refuse_row('entries', broken, e);
END $$;
ALTER TABLE entries DROP CONSTRAINT entries_are_sound, ADD CONSTRAINT entries_are_sound CHECK (entry_is_sound(entries));

-- As in 0025: where each workspace had one entry and one lot when they were counted, a number says nothing, as far as PostgreSQL
-- can tell, and it planned the check of a foreign key anew for every use.
ALTER TABLE entries ALTER COLUMN entry_no SET (n_distinct = 1000);
ALTER TABLE stored_lots ALTER COLUMN lot_id SET (n_distinct = 100);
ANALYZE entries (entry_no), stored_lots (lot_id);

-- Made anew with the other functions: what a batch does to a workspace is told by one of them.
DROP FUNCTION IF EXISTS staged_beyond_lot(bigint), staged_workspaces(bigint);
DROP VIEW IF EXISTS staged_uses;

-- grants
GRANT SELECT ON draws TO ledger_app;
