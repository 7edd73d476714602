-- Lays out a batch: the first use of each key, whether the ledger has it already, and running totals over the new ones.
-- The workspaces are locked, so no other writer can book one of these keys meanwhile.
CREATE OR REPLACE FUNCTION stage_uses(
    p_batch bigint, p_workspace_ids text[], p_minutes bigint[], p_keys text[], p_ats timestamptz[], p_durations bigint[]
) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO use_batches (batch, n, workspace_id, key, minutes, at, duration_seconds, booked_no, repeated, ordinal, demand, latest_at)
    SELECT p_batch, u.n, u.workspace_id, u.key, u.minutes, u.at, u.duration_seconds, u.booked_no, u.booked_no IS NOT NULL,
           row_number() OVER earlier, (sum(u.minutes) OVER earlier)::bigint, max(u.at) OVER earlier
    FROM (
        SELECT f.*, (SELECT e.entry_no FROM entries e WHERE e.workspace_id = f.workspace_id AND e.kind = 'use' AND e.key = f.key) AS booked_no
        FROM (
            SELECT a.*, row_number() OVER (PARTITION BY a.workspace_id, a.key ORDER BY a.n) AS copy
            FROM unnest(p_workspace_ids, p_minutes, p_keys, p_ats, p_durations) WITH ORDINALITY
                 AS a (workspace_id, minutes, key, at, duration_seconds, n)
        ) f
        WHERE f.copy = 1
        OFFSET 0 -- computes booked_no once for each use, not once for each mention
    ) u
    WINDOW earlier AS (PARTITION BY u.workspace_id, u.booked_no IS NULL ORDER BY u.n);
$$;
