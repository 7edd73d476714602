-- Facts that were counted from the entries up to the mark of their workspace, counted again: the rows that differ.
WITH counted AS (
    SELECT e.* FROM rollup_marks k
    JOIN entries e ON e.workspace_id = k.workspace_id AND e.entry_no <= k.entry_no
    WHERE k.workspace_id = ANY(:ids)
), uses AS (
    SELECT u.*, CAST(u.at AT TIME ZONE s.report_timezone AS date) AS day FROM counted u CROSS JOIN rollup_state s WHERE u.kind = 'use'
), facts AS (
    SELECT workspace_id, concat('monthly_usage_cache ', CAST(date_trunc('month', at AT TIME ZONE 'UTC') AS date)) AS place,
           concat_ws(' ', -sum(plan_delta), -sum(extra_delta), sum(unmet_minutes)) AS told
    FROM uses GROUP BY 1, 2
    UNION ALL
    SELECT workspace_id, concat('usage_by_epoch ', epoch),
           concat_ws(' ', -sum(plan_delta), -sum(extra_delta), sum(unmet_minutes), count(*), min(at), max(at))
    FROM uses GROUP BY 1, 2
    UNION ALL
    SELECT workspace_id, concat('unmet_days ', day), concat_ws(' ', sum(unmet_minutes), count(*))
    FROM uses WHERE unmet_minutes > 0 GROUP BY 1, 2
    UNION ALL
    SELECT m.workspace_id, concat('lot_days ', m.lot_id, ' ', m.day), concat_ws(' ', sum(m.drawn), sum(m.voided))
    FROM (
        SELECT d.workspace_id, d.lot_id, u.day, d.minutes AS drawn, 0 AS voided
        FROM uses u JOIN draws d ON d.workspace_id = u.workspace_id AND d.entry_no = u.entry_no
        UNION ALL
        SELECT c.workspace_id, c.lot_id, CAST(c.at AT TIME ZONE s.report_timezone AS date), 0, -c.extra_delta
        FROM counted c CROSS JOIN rollup_state s
        WHERE c.kind IN ('void', 'refund', 'dispute', 'restore') AND c.extra_delta <> 0
    ) m
    JOIN lots l ON l.workspace_id = m.workspace_id AND l.lot_id = m.lot_id AND l.kind = 'purchase'
    GROUP BY m.workspace_id, m.lot_id, m.day
), kept AS (
    SELECT workspace_id, concat('monthly_usage_cache ', month) AS place, concat_ws(' ', plan_minutes, extra_minutes, unmet_minutes) AS told
    FROM monthly_usage_cache WHERE workspace_id = ANY(:ids)
    UNION ALL
    SELECT workspace_id, concat('usage_by_epoch ', epoch),
           concat_ws(' ', plan_minutes, extra_minutes, unmet_minutes, uses, first_use_at, last_use_at)
    FROM usage_by_epoch WHERE workspace_id = ANY(:ids)
    UNION ALL
    SELECT workspace_id, concat('unmet_days ', day), concat_ws(' ', unmet_minutes, uses) FROM unmet_days WHERE workspace_id = ANY(:ids)
    UNION ALL
    SELECT workspace_id, concat('lot_days ', lot_id, ' ', day), concat_ws(' ', drawn, voided) FROM lot_days WHERE workspace_id = ANY(:ids)
)
SELECT workspace_id, place, f.told AS expected, k.told AS found
FROM facts f FULL JOIN kept k USING (workspace_id, place)
WHERE f.told IS DISTINCT FROM k.told
ORDER BY workspace_id, place
