-- Lays out a batch: the first use of each key, whether the ledger has it already, and running totals over the new ones.
-- The workspaces are locked, so no other writer can book one of these keys meanwhile.
CREATE OR REPLACE FUNCTION stage_uses(
    p_batch bigint, p_workspace_ids text[], p_minutes bigint[], p_keys text[], p_ats timestamptz[], p_durations bigint[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO use_batches (batch, n, workspace_id, key, minutes, at, duration_seconds, repeated, ordinal, demand, latest_at)
    SELECT p_batch, f.n, f.workspace_id, f.key, f.minutes, f.at, f.duration_seconds, false,
           row_number() OVER earlier, (sum(f.minutes) OVER earlier)::bigint, max(f.at) OVER earlier
    FROM (
        SELECT a.*, row_number() OVER (PARTITION BY a.workspace_id, a.key ORDER BY a.n) AS copy
        FROM unnest(p_workspace_ids, p_minutes, p_keys, p_ats, p_durations) WITH ORDINALITY
             AS a (workspace_id, minutes, key, at, duration_seconds, n)
    ) f
    WHERE f.copy = 1
    WINDOW earlier AS (PARTITION BY f.workspace_id ORDER BY f.n);

    UPDATE use_batches b SET booked_no = e.entry_no, repeated = true
    FROM entries e
    WHERE b.batch = p_batch AND e.workspace_id = b.workspace_id AND e.kind = 'use'
      AND key_digest(e.key) = key_digest(b.key) AND e.key = b.key;
    IF FOUND THEN -- a repeated use draws nothing: the totals of its workspace leave it out
        UPDATE use_batches b SET ordinal = s.ordinal, demand = s.demand, latest_at = s.latest_at
        FROM (
            SELECT c.workspace_id, c.n, row_number() OVER earlier AS ordinal, (sum(c.minutes) OVER earlier)::bigint AS demand,
                   max(c.at) OVER earlier AS latest_at
            FROM use_batches c
            WHERE c.batch = p_batch AND c.booked_no IS NULL
            WINDOW earlier AS (PARTITION BY c.workspace_id ORDER BY c.n)
        ) s
        WHERE b.workspace_id = s.workspace_id AND b.batch = p_batch AND b.n = s.n;
    END IF;
END $$;
