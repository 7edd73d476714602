-- name: first_hits_up_to
-- How many workspaces first hit the limit in a period, counted only up to :limit.
SELECT count(*) FROM (
    SELECT 1 FROM first_hits h
    WHERE h.source = :source AND h.at >= :start AND h.at < :end AND h.at <= :as_of
    LIMIT :limit
) counted;

-- name: metric_by_workspace
SELECT coalesce(sum(q.value), 0)::float8 AS value, coalesce(sum(q.weight), 0)::bigint AS weight
FROM (
/* rows */
) q
WHERE NOT q.pending
GROUP BY q.workspace_id
ORDER BY q.workspace_id
LIMIT :limit;

-- name: metric_fit
-- Of exactly that past moment, else that of the present, unless it knows what was not known by then; within the hour in
-- which estimates are renewed the two are one.
SELECT result, computed_at FROM metric_fits
WHERE metric = :metric AND source = :source AND plan = :plan AND billing_cycle = :billing_cycle AND attributes = :attributes
  AND starts_at = :start AND ends_at = :end
  AND (known_at = :as_of OR (known_at = 'infinity' AND (as_of IS NULL OR as_of <= CAST(:as_of AS timestamptz) + interval '1 hour')))
ORDER BY known_at LIMIT 1;

-- name: metric_fit_save
UPDATE metric_fits SET result = CAST(:result AS jsonb), as_of = :as_of, computed_at = :at
WHERE metric = :metric AND source = :source AND plan = :plan AND billing_cycle = :billing_cycle AND attributes = :attributes
  AND starts_at = :start AND ends_at = :end AND known_at = coalesce(CAST(:known_at AS timestamptz), 'infinity');

-- name: metric_fits_forget
DELETE FROM metric_fits WHERE wanted_at < :before;

-- name: metric_fits_keep
-- Once a day is enough: an estimate that nobody requests is deleted after a week only.
UPDATE metric_fits f SET wanted_at = :at
FROM jsonb_to_recordset(CAST(:shown AS jsonb)) AS w (metric text, source text, plan text, billing_cycle text, attributes text,
                                                    start timestamptz, "end" timestamptz)
WHERE f.metric = w.metric AND f.source = w.source AND f.plan = w.plan AND f.billing_cycle = w.billing_cycle
  AND f.attributes = w.attributes AND f.starts_at = w.start AND f.ends_at = w."end"
  AND f.wanted_at < CAST(:at AS timestamptz) - interval '1 day';

-- name: metric_fits_want
INSERT INTO metric_fits (metric, source, plan, billing_cycle, attributes, starts_at, ends_at, wanted_at, known_at)
SELECT DISTINCT w.metric, w.source, w.plan, w.billing_cycle, w.attributes, w.start, w."end", CAST(:at AS timestamptz),
       CASE WHEN w.as_of < s.data_to - interval '1 hour' THEN w.as_of ELSE 'infinity' END
FROM jsonb_to_recordset(CAST(:wanted AS jsonb)) AS w (metric text, source text, plan text, billing_cycle text, attributes text,
                                                      start timestamptz, "end" timestamptz, as_of timestamptz)
CROSS JOIN rollup_state s
ON CONFLICT (metric, source, plan, billing_cycle, attributes, starts_at, ends_at, known_at) DO UPDATE SET wanted_at = EXCLUDED.wanted_at;

-- name: metric_fits_wanted
-- Missing ones first, then those of the present that are an hour behind the rollups; an estimate of a closed period is
-- still renewed, because refunds and late payments may change it. What was known at a past moment is estimated once.
SELECT metric, source, plan, billing_cycle, attributes, starts_at, ends_at, nullif(known_at, 'infinity') AS known_at FROM metric_fits
WHERE result IS NULL OR (known_at = 'infinity' AND as_of < CAST(:as_of AS timestamptz) - interval '1 hour')
ORDER BY (result IS NOT NULL), as_of, wanted_at DESC
LIMIT :limit;

-- name: metric_launch
SELECT min(at) FROM annotations WHERE kind = 'launch' AND withdrawn_at IS NULL AND at <= :as_of;

-- name: metric_median
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY q.value::float8) AS value, count(*) AS n
FROM (
/* rows */
) q
WHERE NOT q.pending
;

-- name: near_hits
-- The first time each workspace was warned at 80% in an epoch in which it did not reach the limit, before its first limit hit.
SELECT DISTINCT ON (c.workspace_id) c.workspace_id, c.at,
       extract(epoch FROM least(gone.left_at, CAST(:as_of AS timestamptz)) - c.at) / 86400 AS value,
       (gone.left_at IS NOT NULL)::int AS weight
FROM usage_alerts c
JOIN workspaces w ON w.workspace_id = c.workspace_id
LEFT JOIN LATERAL departure(c.workspace_id, c.at, :as_of) gone ON true
WHERE w.source = :source AND c.kind = 'used_80' AND c.at >= :start AND c.at < :end AND c.at <= :as_of
  AND c.workspace_id NOT LIKE 'sim:%'
  AND (CAST(:plan AS text) IS NULL OR plan_at(c.workspace_id, c.at, 'plan') = :plan)
  AND (CAST(:billing_cycle AS text) IS NULL OR plan_at(c.workspace_id, c.at, 'billing_cycle') = :billing_cycle)
  AND (CAST(:attributes AS jsonb) IS NULL OR has_attributes(c.workspace_id))
  AND NOT EXISTS (
      SELECT 1 FROM usage_alerts hit
      WHERE hit.workspace_id = c.workspace_id AND hit.kind = 'limit_hit' AND (hit.epoch = c.epoch OR hit.at <= c.at))
ORDER BY c.workspace_id, c.at;
