-- Uses of workspaces that the set-based statements do not serve, through record_use in list order. A refusal stays with its use.
CREATE OR REPLACE FUNCTION book_staged_singly(p_batch bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    staged record;
    used record;
BEGIN
    FOR staged IN
        SELECT b.n, x.workspace_id, b.key, b.minutes, b.at, b.duration_seconds
        FROM staged_workspaces x
        JOIN use_batches b ON b.workspace_id = x.workspace_id AND b.batch = x.batch AND b.booked_no IS NULL
        WHERE x.batch = p_batch AND x.singly
        ORDER BY x.workspace_id, b.n
    LOOP
        SELECT * INTO STRICT used
        FROM record_use(staged.workspace_id, staged.minutes, staged.key, staged.at, staged.duration_seconds, 'partial');
        UPDATE use_batches b SET booked_no = (used.entry).entry_no, refusal = used.refusal
        WHERE b.workspace_id = staged.workspace_id AND b.batch = p_batch AND b.n = staged.n;
    END LOOP;
END $$;
