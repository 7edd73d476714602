-- name: workspace_names
-- What these workspaces are called.
SELECT workspace_id, name FROM workspaces WHERE workspace_id = ANY (CAST(:workspace_ids AS text[]));

-- name: search_event_key
-- Which workspaces booked something under this key: one index probe for each workspace, so only on request.
SELECT w.workspace_id
FROM workspaces w
WHERE EXISTS (SELECT 1 FROM entries e WHERE e.workspace_id = w.workspace_id AND e.kind = 'use' AND key_digest(e.key) = key_digest(:key)
              AND e.key = :key)
   OR EXISTS (SELECT 1 FROM entries e WHERE e.workspace_id = w.workspace_id AND e.kind <> 'use' AND e.key = :key)
ORDER BY w.workspace_id
LIMIT 200;

-- name: search_identifiers
-- Whose workspace id, Stripe id, purchase id, receipt number or e-mail address this is, to the letter.
SELECT workspace_id, 'workspace id' AS kind FROM workspaces WHERE workspace_id = :text
UNION ALL
SELECT workspace_id, replace(kind, '_', ' ') FROM payment_objects WHERE object_id = :text
UNION ALL
(SELECT workspace_id, 'e-mail address' FROM workspaces WHERE lower(owner_email) COLLATE "C" = lower(:text) LIMIT 200);

-- name: search_looser
-- How alike is alike enough, for this transaction: two letters of eight may be wrong.
SELECT set_config('pg_trgm.word_similarity_threshold', '0.4', true);

-- name: search_misspelt
-- Names like what was typed, the most alike first.
SELECT workspace_id
FROM workspaces
WHERE lower(:text) <% lower(name)
ORDER BY lower(:text) <<-> lower(name), workspace_id
LIMIT 50;

-- name: search_plans
-- The plans, the smallest first.
SELECT plan FROM plans ORDER BY minutes, plan;

-- name: search_workspaces
-- One step of the search (:step), in its own order, after a given row. Steps are tried one after the other by ledger/desk/search.py;
-- the planner sees the step as a constant, so that each uses the index made for it.
SELECT w.workspace_id, w.name, w.owner_email, w.source, m.plan, m.billing_cycle,
       m.minutes_remaining AS plan_minutes, m.extra_minutes_remaining AS extra_minutes,
       m.minutes_remaining + m.extra_minutes_remaining AS total_minutes, m.gauge_base, m.limit_hit, m.minutes_reset_date,
       nullif(m.latest_at, '-infinity') AS active_at,
       (SELECT c.at FROM usage_alerts c WHERE c.workspace_id = m.workspace_id AND c.epoch = m.epoch AND c.kind = 'limit_hit') AS hit_at,
       coalesce((SELECT jsonb_object_agg(a.key, CASE WHEN a.is_number THEN to_jsonb(CAST(a.value AS numeric)) ELSE to_jsonb(a.value) END)
                 FROM workspace_attributes a WHERE a.workspace_id = w.workspace_id), '{}') AS attributes, s.sort
FROM workspaces w
JOIN workspace_minutes m ON m.workspace_id = w.workspace_id
CROSS JOIN LATERAL (SELECT CASE WHEN CAST(:step AS text) = 'name starts' THEN lower(w.name)
    WHEN CAST(:step AS text) = 'no need' THEN lower(w.name)
    WHEN CAST(:step AS text) = 'email starts' THEN lower(w.owner_email)
    WHEN CAST(:step AS text) = 'listed' THEN lpad(array_position(CAST(:ids AS text[]), w.workspace_id)::text, 6, '0')
    ELSE w.workspace_id END COLLATE "C" AS sort) s
WHERE (CAST(:step AS text) <> 'listed' OR w.workspace_id = ANY (CAST(:ids AS text[])))
  AND (CAST(:step AS text) <> 'id starts' OR w.workspace_id LIKE CAST(:start AS text))
  AND (CAST(:step AS text) <> 'name starts' OR lower(w.name) COLLATE "C" LIKE lower(CAST(:start AS text)))
  AND (CAST(:step AS text) <> 'email starts' OR lower(w.owner_email) COLLATE "C" LIKE lower(CAST(:start AS text)))
  AND (CAST(:step AS text) <> 'name contains' OR lower(w.name) LIKE lower(CAST(:part AS text)))
  AND (CAST(:step AS text) <> 'email contains' OR lower(w.owner_email) LIKE lower(CAST(:part AS text)))
  AND (CAST(:step AS text) <> 'id contains' OR lower(w.workspace_id) LIKE lower(CAST(:part AS text)))
  AND (CAST(:step AS text) <> 'attribute' OR w.workspace_id IN (
       SELECT a.workspace_id FROM workspace_attributes a WHERE lower(a.value COLLATE "default") COLLATE "C" LIKE lower(CAST(:start AS text))))
  -- A row is found once, by the first step that finds it.
  AND (CAST(:step AS text) IN ('all', 'listed', 'no need', 'id starts') OR w.workspace_id NOT LIKE CAST(:start AS text))
  AND (CAST(:step AS text) NOT IN ('email starts', 'name contains', 'email contains', 'id contains', 'attribute')
       OR lower(w.name) NOT LIKE lower(CAST(:start AS text)))
  AND (CAST(:step AS text) NOT IN ('name contains', 'email contains', 'id contains', 'attribute')
       OR lower(w.owner_email) NOT LIKE lower(CAST(:start AS text)))
  AND (CAST(:step AS text) NOT IN ('email contains', 'id contains', 'attribute') OR lower(w.name) NOT LIKE lower(CAST(:part AS text)))
  AND (CAST(:step AS text) NOT IN ('id contains', 'attribute') OR lower(w.owner_email) NOT LIKE lower(CAST(:part AS text)))
  AND (CAST(:step AS text) <> 'attribute' OR lower(w.workspace_id) NOT LIKE lower(CAST(:part AS text)))
  -- Neither blocked nor low: the rest of the list by need (workspaces_in_need).
  AND (CAST(:step AS text) <> 'no need' OR (m.managed_by = 'ledger' AND m.minutes_reset_date <= CAST(:at AS timestamptz))
       OR m.warned = 0 AND NOT (m.limit_hit AND m.minutes_remaining + m.extra_minutes_remaining = 0))
  AND (CAST(:step AS text) IN ('all', 'listed') OR CAST(:ids AS text[]) IS NULL OR w.workspace_id <> ALL (CAST(:ids AS text[])))
  AND (CAST(:plan AS text) IS NULL OR m.plan = CAST(:plan AS text))
  AND (CAST(:state AS text) IS NULL OR CAST(:state AS text) = CASE
       WHEN m.minutes_remaining > 0 THEN 'plan' WHEN m.extra_minutes_remaining > 0 THEN 'extra' ELSE 'empty' END)
  AND (NOT CAST(:low AS boolean) OR 5 * (m.minutes_remaining + m.extra_minutes_remaining) <= m.gauge_base)
  AND (CAST(:hit_since AS timestamptz) IS NULL OR EXISTS (
       SELECT 1 FROM usage_alerts c
       WHERE c.workspace_id = w.workspace_id AND c.kind = 'limit_hit' AND c.at >= CAST(:hit_since AS timestamptz)))
  AND (NOT CAST(:disputed AS boolean) OR EXISTS (
       SELECT 1 FROM disputes d WHERE d.workspace_id = w.workspace_id AND d.takes_minutes))
  -- The index finds those of the first segment; the rest is compared.
  AND (CAST(:attribute_key AS text) IS NULL OR w.workspace_id IN (
       SELECT a.workspace_id FROM workspace_attributes a
       WHERE a.key = CAST(:attribute_key AS text) AND a.segment = CAST(:attribute_segment AS text)))
  AND (CAST(:attributes AS jsonb) IS NULL OR has_attributes(w.workspace_id))
  AND (CAST(:after_id AS text) IS NULL
       OR (s.sort, w.workspace_id) > (CAST(:after_sort AS text), CAST(:after_id AS text)))
ORDER BY s.sort, w.workspace_id
LIMIT :limit;

-- name: workspaces_in_need
-- Ids of workspaces that are blocked (:kind = limit_hit) or run low (:kind = used_80) and have no minutes due, the latest first.
-- An alert stands until the next credit, which opens another epoch: so the index of alerts by time is the list.
SELECT c.workspace_id, c.at
FROM usage_alerts c
JOIN workspace_minutes m ON m.workspace_id = c.workspace_id AND m.epoch = c.epoch
WHERE c.kind = :kind
  AND (c.kind = 'limit_hit') = (m.limit_hit AND m.minutes_remaining + m.extra_minutes_remaining = 0)
  AND (m.managed_by = 'ledger' AND m.minutes_reset_date <= CAST(:at AS timestamptz)) IS NOT TRUE
  AND (CAST(:plan AS text) IS NULL OR m.plan = CAST(:plan AS text))
  AND (CAST(:state AS text) IS NULL OR CAST(:state AS text) = CASE
       WHEN m.minutes_remaining > 0 THEN 'plan' WHEN m.extra_minutes_remaining > 0 THEN 'extra' ELSE 'empty' END)
  AND (NOT CAST(:low AS boolean) OR 5 * (m.minutes_remaining + m.extra_minutes_remaining) <= m.gauge_base)
  AND (CAST(:hit_since AS timestamptz) IS NULL OR EXISTS (
       SELECT 1 FROM usage_alerts h WHERE h.workspace_id = c.workspace_id AND h.kind = 'limit_hit' AND h.at >= CAST(:hit_since AS timestamptz)))
  AND (NOT CAST(:disputed AS boolean) OR EXISTS (
       SELECT 1 FROM disputes d WHERE d.workspace_id = c.workspace_id AND d.takes_minutes))
  AND (CAST(:attributes AS jsonb) IS NULL OR has_attributes(c.workspace_id))
  AND (CAST(:after_at AS timestamptz) IS NULL OR (c.at, c.workspace_id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS text)))
ORDER BY c.at DESC, c.workspace_id DESC
LIMIT :limit;

-- name: sources
-- Which kinds of workspace this database holds: live, stripe_test, sandbox, demo.
SELECT s.source FROM (
    SELECT 1 AS n, 'live' AS source WHERE EXISTS (SELECT 1 FROM workspaces w WHERE w.source = 'live')
    UNION ALL
    SELECT 2, 'stripe_test' WHERE EXISTS (SELECT 1 FROM workspaces w WHERE w.source = 'stripe_test')
    UNION ALL
    SELECT 3, 'sandbox' WHERE EXISTS (SELECT 1 FROM workspaces w WHERE w.source = 'sandbox')
    UNION ALL
    SELECT 4, 'demo' WHERE EXISTS (SELECT 1 FROM workspaces w WHERE w.source = 'demo')
) s
ORDER BY s.n;
