-- Copies of the tables of a use, with the same indexes and constraints, for the limit of track-batch.
CREATE TABLE plain_lots (LIKE stored_lots INCLUDING ALL);
CREATE TABLE plain_entries (LIKE entries INCLUDING ALL EXCLUDING CONSTRAINTS, CHECK (
    entry_is_sound(workspace_id, entry_no, previous_no, kind, key, overage_policy, lot_id, reason, minutes, unmet_minutes, plan_delta,
                   plan_after, extra_delta, extra_after)));
ALTER TABLE plain_entries
    ADD FOREIGN KEY (workspace_id, previous_no) REFERENCES plain_entries (workspace_id, entry_no),
    ADD FOREIGN KEY (workspace_id, lot_id) REFERENCES plain_lots (workspace_id, lot_id);
GRANT SELECT, INSERT ON plain_lots, plain_entries TO ledger_app;
-- every batch
WITH credited AS (
    INSERT INTO plain_lots (workspace_id, lot_id, minutes, burn_order, entry_no, acquired_at, kind)
    SELECT id, 1, 1000000, 1, 1, '2026-01-01 00:00:00+00', 'grant' FROM unnest(CAST(:ids AS text[])) id
)
INSERT INTO plain_entries (workspace_id, entry_no, kind, key, plan_delta, plan_after, extra_delta, extra_after,
                           minutes, used_after, at, recorded_at, latest_at, epoch, gauge_base, lot_id, actor, reason)
SELECT id, 1, 'grant', 'g', 0, 0, 1000000, 1000000, 1000000, 0, now(), now(), now(), 1, 1000000, 1, 'bench', 'bench'
FROM unnest(CAST(:ids AS text[])) id;
INSERT INTO plain_entries (workspace_id, entry_no, previous_no, kind, key, plan_delta, plan_after,
                           extra_delta, extra_after, minutes, used_after, at, recorded_at, latest_at, epoch, gauge_base, lot_id, overage_policy, actor)
SELECT u.id, u.entry_no, u.entry_no - 1, 'use', u.key, 0, 0, -1, 1000001 - u.entry_no, 1, u.entry_no - 1,
       :at, clock_timestamp(), :at, 1, 1000000, 1, 'partial', 'usage'
FROM unnest(CAST(:ids AS text[]), CAST(:numbers AS bigint[]), CAST(:keys AS text[])) AS u (id, entry_no, key);
