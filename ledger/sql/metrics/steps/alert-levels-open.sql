-- name: Alert levels too young to count after an older 80% warning
-- unit: percent
-- estimate: ratio
-- better: up
-- of: alerts
-- period: 80% warning
-- matures: 14
-- rollup: none
-- repeats: yes
-- version: 1
-- example: none
-- formula: alerts of the last 14 days whose 80% warning is older and lies in the period: the daily sums count them by its day
SELECT l.* FROM (
    SELECT a.workspace_id, a.epoch, substr(a.kind, 6) AS part
    FROM usage_alerts a
    WHERE a.kind IN ('used_90', 'used_100') AND a.at > CAST(:as_of AS timestamptz) - make_interval(days => :window_days)
      AND NOT EXISTS (
          SELECT 1 FROM usage_alerts w
          WHERE w.workspace_id = a.workspace_id AND w.epoch = a.epoch AND w.kind = 'used_80'
            AND w.at > CAST(:as_of AS timestamptz) - make_interval(days => :window_days))
) young
JOIN rows('alert-levels') l ON l.workspace_id = young.workspace_id AND l.epoch = young.epoch AND l.part = young.part
