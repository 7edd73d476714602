-- Readings of closed months are numbered 1, 2, 3 ... in the order in which they were made: those of which one is missing or late.
SELECT concat_ws(' ', 'closed_months', c.metric, c.source, c.month, c.currency, 'revision', c.revision) AS place,
       concat('revision ', c.right_no) AS expected, concat('revision ', c.revision, ', made ', c.computed_at) AS found
FROM (
    SELECT m.*, row_number() OVER readings AS right_no, lag(m.computed_at) OVER readings AS earlier
    FROM closed_months m
    WINDOW readings AS (PARTITION BY m.metric, m.source, m.month, m.currency ORDER BY m.revision)
) c
WHERE c.revision <> c.right_no OR c.computed_at < c.earlier
ORDER BY 1
