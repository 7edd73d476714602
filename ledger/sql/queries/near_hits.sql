-- The first time each workspace was warned at 80 % in an epoch in which it did not reach the limit, before its first limit hit.
SELECT DISTINCT ON (c.workspace_id) c.workspace_id, c.at,
       extract(epoch FROM least(gone.left_at, CAST(:as_of AS timestamptz)) - c.at) / 86400 AS value,
       coalesce(gone.left_at <= :as_of, false)::int AS weight
FROM crossings c
JOIN workspaces w ON w.workspace_id = c.workspace_id
LEFT JOIN LATERAL (
    SELECT min(s.ended_at) AS left_at FROM subscriptions s
    WHERE s.workspace_id = c.workspace_id AND s.ended_at >= c.at AND NOT EXISTS (
        SELECT 1 FROM subscriptions again
        WHERE again.workspace_id = s.workspace_id AND again.subscription_no > s.subscription_no
          AND again.started_at < s.ended_at + interval '30 days')) gone ON true
WHERE w.source = :source AND c.kind = 'used_80' AND c.at >= :start AND c.at < :end AND c.at <= :as_of
  AND (CAST(:plan AS text) IS NULL OR plan_at(c.workspace_id, c.at, 'plan') = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR plan_at(c.workspace_id, c.at, 'billing_cycle') = :billing_cycle)
  AND NOT EXISTS (
      SELECT 1 FROM crossings hit
      WHERE hit.workspace_id = c.workspace_id AND hit.kind = 'limit_hit' AND (hit.epoch = c.epoch OR hit.at <= c.at))
ORDER BY c.workspace_id, c.at
