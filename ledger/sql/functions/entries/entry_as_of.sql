-- The last entry of a workspace whose booking time (p_clock 'booked') or running maximum of business time ('business') is at or before p_at; 0 when none.
-- Both columns never fall along the entry numbers, so a binary search finds it: about 20 steps in a million entries.
CREATE OR REPLACE FUNCTION entry_as_of(p_workspace_id text, p_clock text, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    low bigint := 0;
    high bigint := coalesce((SELECT w.entry_no FROM workspace_minutes w WHERE w.workspace_id = p_workspace_id), 0);
    middle bigint;
    middle_at timestamptz;
BEGIN
    WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        SELECT CASE p_clock WHEN 'booked' THEN e.recorded_at ELSE e.latest_at END INTO STRICT middle_at
        FROM entries e WHERE e.workspace_id = p_workspace_id AND e.entry_no = middle;
        IF middle_at <= p_at THEN
            low := middle;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    RETURN low;
END $$;
