-- name: annotation_add
INSERT INTO annotations (annotation_id, at, kind, metric, text, created_by)
VALUES (:annotation_id, :at, :kind, :metric, :text, :actor)
ON CONFLICT (annotation_id) DO NOTHING;

-- name: annotation_withdraw
UPDATE annotations SET withdrawn_at = :at
WHERE annotation_id = :annotation_id AND withdrawn_at IS NULL
  AND (CAST(:author AS text) IS NULL OR created_by = :author);

-- name: annotations
-- What happened in a period; with :source also the goal of the metric there, as its text, at the beginning.
SELECT a.annotation_id, a.at, a.kind, a.metric, a.text, a.created_by, NULL AS amount_cents, NULL AS currency
FROM annotations a
WHERE a.withdrawn_at IS NULL AND a.at >= :start AND a.at < :end
  AND (CAST(:metric AS text) IS NULL OR a.metric IS NULL OR a.metric = :metric)
UNION ALL
SELECT NULL, p.valid_from, 'price', NULL,
       p.name, p.created_by, p.amount_cents, p.currency
FROM extra_minutes_packages p
WHERE p.version > 1 AND p.arm = 'standard' AND p.valid_from >= :start AND p.valid_from < :end
UNION ALL
SELECT NULL, :start, 'goal', g.metric, CAST(g.value AS text), g.set_by, NULL, NULL FROM goals g WHERE g.metric = :metric AND g.source = :source
ORDER BY 2;

-- name: goal_of
SELECT value FROM goals WHERE metric = :metric AND source = :source;

-- name: goal_remove
DELETE FROM goals WHERE metric = :metric AND source = :source;

-- name: goal_set
INSERT INTO goals (metric, source, value, set_by, set_at) VALUES (:metric, :source, :value, :actor, :at)
ON CONFLICT (metric, source) DO UPDATE SET value = EXCLUDED.value, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at;
