-- name: Unmet minutes
-- unit: minutes
-- estimate: sum
-- better: down
-- of: workspace-days
-- period: day of the use
-- segments: day_ends_at
-- matures: none
-- rollup: own
-- needs: rollups
-- version: 1
-- example: 0.0 minutes; n 0
-- formula: minutes that were requested when nothing was left, by day: demand that was lost
SELECT u.workspace_id, day.at, '' AS package, '' AS currency, '' AS part, u.unmet_minutes AS value, u.uses AS weight, false AS pending,
       day.at + interval '1 day' AS day_ends_at
FROM unmet_days u
JOIN workspaces w ON w.workspace_id = u.workspace_id
CROSS JOIN LATERAL (SELECT u.day::timestamp AT TIME ZONE :timezone AS at) day
WHERE w.source = :source AND u.day >= (CAST(:start AS timestamptz) AT TIME ZONE :timezone)::date
  AND day.at >= :start AND day.at < :end AND day.at <= :as_of
