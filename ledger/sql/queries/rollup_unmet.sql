INSERT INTO unmet_days AS u (workspace_id, day, unmet_minutes, uses)
SELECT e.workspace_id, CAST(e.at AT TIME ZONE :timezone AS date), CAST(sum(e.unmet_minutes) AS bigint), count(*)
FROM rollup_work r
JOIN entries e ON e.workspace_id = r.workspace_id AND e.entry_no > r.from_no AND e.entry_no <= r.to_no
WHERE e.kind = 'use' AND e.unmet_minutes > 0
GROUP BY 1, 2
ON CONFLICT (workspace_id, day) DO UPDATE SET
    unmet_minutes = u.unmet_minutes + EXCLUDED.unmet_minutes, uses = u.uses + EXCLUDED.uses
