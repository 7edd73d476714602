-- Grants worth a second look: many from one person to one workspace, or far above what is usual.
WITH given AS (
    SELECT actor, workspace_id, count(*) AS grants, sum(minutes)::bigint AS minutes, max(minutes) AS largest, max(at) AS last_at
    FROM audit
    WHERE action IN ('grant', 'batch_grant') AND at >= :since AND minutes > 0
    GROUP BY actor, workspace_id
), usual AS (
    SELECT coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY minutes), 0) AS minutes FROM given
)
SELECT g.actor, g.workspace_id, g.grants, g.minutes, g.largest, g.last_at,
       CASE WHEN g.grants >= 3 THEN 'repeated' ELSE 'large' END AS why
FROM given g CROSS JOIN usual u
WHERE g.grants >= 3 OR (g.minutes > u.minutes AND g.minutes >= 300)
ORDER BY g.minutes DESC
LIMIT 100
