-- name: Unmet minutes
-- unit: minutes
-- estimate: sum
-- better: down
-- period: day of the use
-- matures: none
-- rollup: own
-- needs: rollups
-- version: 1
-- example: 0.0 minutes; n 0
-- formula: minutes that were asked for when nothing was left, by day: demand that was lost
SELECT u.workspace_id, u.day::timestamp AT TIME ZONE :timezone AS at,
       plan_at(u.workspace_id, u.day::timestamp AT TIME ZONE :timezone + interval '1 day', 'plan') AS plan,
       plan_at(u.workspace_id, u.day::timestamp AT TIME ZONE :timezone + interval '1 day', 'billing_cycle') AS billing_cycle,
       '' AS package, '' AS currency, '' AS part, u.unmet_minutes AS value, u.uses AS weight, false AS pending
FROM unmet_days u
JOIN workspaces w ON w.workspace_id = u.workspace_id
WHERE w.source = :source
  AND u.day >= (CAST(:start AS timestamptz) AT TIME ZONE :timezone)::date
  AND u.day::timestamp AT TIME ZONE :timezone >= :start
  AND u.day::timestamp AT TIME ZONE :timezone < :end AND u.day::timestamp AT TIME ZONE :timezone <= :as_of
