-- name: hold_out_arms
-- Workspaces of the hold-out's source with their arms, by id; a page begins behind `after` ('' = at the first).
SELECT w.workspace_id, hold_out_arm(w.workspace_id, :name, :share_percent) AS arm FROM workspaces w
WHERE w.source = :source AND w.workspace_id > CAST(:after AS text) COLLATE "C"
ORDER BY w.workspace_id LIMIT CAST(:limit AS bigint);

-- name: hold_out_counts
SELECT count(*) AS workspaces, count(*) FILTER (WHERE hold_out_arm(workspace_id, :name, :share_percent) = 'control') AS control
FROM workspaces WHERE source = :source;

-- name: hold_out_end
UPDATE hold_outs SET ends_at = :at WHERE hold_out = :name AND ends_at IS NULL AND starts_at < :at
RETURNING hold_out AS name, source, share_percent, hits_needed, reason, starts_at, ends_at, created_by;

-- name: hold_out_start
-- Refuses (no row) a name that was used, and while another one covers any later moment for workspaces of the same source.
INSERT INTO hold_outs (hold_out, source, share_percent, hits_needed, reason, starts_at, created_by)
SELECT :name, CAST(:source AS text), :share_percent, :hits_needed, :reason, CAST(:starts_at AS timestamptz), :created_by
WHERE NOT EXISTS (
    SELECT 1 FROM hold_outs WHERE source = :source AND coalesce(ends_at, 'infinity') > :starts_at)
ON CONFLICT DO NOTHING
RETURNING hold_out AS name, source, share_percent, hits_needed, reason, starts_at, ends_at, created_by;

-- name: hold_outs
SELECT hold_out AS name, source, share_percent, hits_needed, reason, starts_at, ends_at, created_by FROM hold_outs
WHERE (CAST(:source AS text) IS NULL OR source = :source) AND (CAST(:name AS text) IS NULL OR hold_out = :name)
ORDER BY starts_at DESC, hold_out;

-- name: workspace_arms
-- What a workspace takes part in at a moment, and on which side.
SELECT 'price_test' AS kind, t.test AS name, price_test_arm(w.workspace_id, t.test, t.arms) AS arm, t.starts_at, t.ends_at
FROM workspaces w JOIN price_tests t ON t.starts_at <= :at AND (t.ends_at IS NULL OR t.ends_at > :at)
WHERE w.workspace_id = :workspace_id
UNION ALL
SELECT 'hold_out', o.hold_out, hold_out_arm(w.workspace_id, o.hold_out, o.share_percent), o.starts_at, o.ends_at
FROM workspaces w JOIN hold_outs o ON o.source = w.source AND o.starts_at <= :at AND (o.ends_at IS NULL OR o.ends_at > :at)
WHERE w.workspace_id = :workspace_id
ORDER BY starts_at, name;
