-- name: cohorts
-- Workspaces by their first limit hit in the period: how many whole months each has been watched since, and in which month
-- after it each bought for the first and the second time, and left. Nulls: not yet. Copies for rehearsals do not count.
WITH hitters AS (
    SELECT s.workspace_id, s.at, s.at AT TIME ZONE :timezone AS local_at
    FROM (
        SELECT f.workspace_id, f.at, plan_at(f.workspace_id, f.at, 'plan') AS plan, plan_at(f.workspace_id, f.at, 'billing_cycle') AS billing_cycle
        FROM first_hits f
        WHERE f.source = :source AND f.at >= :start AND f.at < :end AND f.at <= :as_of AND f.workspace_id NOT LIKE 'sim:%'
    ) s
    WHERE (CAST(:plan AS text) IS NULL OR s.plan = :plan)
      AND (CAST(:billing_cycle AS text) IS NULL OR s.billing_cycle = :billing_cycle)
      AND (CAST(:attributes AS jsonb) IS NULL OR has_attributes(s.workspace_id))
), bought AS (
    SELECT p.workspace_id, p.at, row_number() OVER (PARTITION BY p.workspace_id ORDER BY p.at) AS nth
    FROM (
        SELECT p.workspace_id, p.paid_at AS at FROM paid_purchases p JOIN hitters h ON h.workspace_id = p.workspace_id
        WHERE p.paid_at >= h.at AND p.paid_at <= :as_of
    ) p
), gone AS (
    SELECT u.workspace_id, max(u.ended_at) AS at FROM subscriptions u JOIN hitters h ON h.workspace_id = u.workspace_id
    WHERE u.started_at <= :as_of
    GROUP BY u.workspace_id
    HAVING bool_and(u.ended_at IS NOT NULL AND u.ended_at <= :as_of)
), moments AS (
    SELECT CASE WHEN CAST(:by AS text) IS NULL THEN CAST(CAST(date_trunc('month', h.local_at) AS date) AS text)
                ELSE attribute_of(h.workspace_id, :by) END AS part,
           h.local_at, first.at AS first_at, second.at AS second_at, gone.at AS gone_at
    FROM hitters h
    LEFT JOIN bought first ON first.workspace_id = h.workspace_id AND first.nth = 1
    LEFT JOIN bought second ON second.workspace_id = h.workspace_id AND second.nth = 2
    LEFT JOIN gone ON gone.workspace_id = h.workspace_id
), months AS (
    SELECT m.part, w.watched, w.bought, w.again, w.gone
    FROM moments m
    CROSS JOIN LATERAL (
        SELECT 12 * extract(year FROM a.watched) + extract(month FROM a.watched) AS watched,
               12 * extract(year FROM a.bought) + extract(month FROM a.bought) AS bought,
               12 * extract(year FROM a.again) + extract(month FROM a.again) AS again,
               12 * extract(year FROM a.gone) + extract(month FROM a.gone) AS gone
        FROM (SELECT age(CAST(:as_of AS timestamptz) AT TIME ZONE :timezone, m.local_at) AS watched,
                     age(m.first_at AT TIME ZONE :timezone, m.local_at) AS bought,
                     age(m.second_at AT TIME ZONE :timezone, m.local_at) AS again,
                     age(m.gone_at AT TIME ZONE :timezone, m.local_at) AS gone) a
    ) w
)
SELECT part, CAST(watched AS int) AS watched, CAST(bought AS int) AS bought, CAST(again AS int) AS again, CAST(gone AS int) AS gone,
       CAST(count(*) AS int) AS workspaces
FROM months GROUP BY 1, 2, 3, 4, 5;
