-- What a workspace takes part in at a moment, and on which side.
SELECT 'price_test' AS kind, t.test AS name, price_test_arm(w.workspace_id, t.test, t.arms) AS arm, t.starts_at, t.ends_at
FROM workspaces w JOIN price_tests t ON t.starts_at <= :at AND (t.ends_at IS NULL OR t.ends_at > :at)
WHERE w.workspace_id = :workspace_id
UNION ALL
SELECT 'hold_out', o.hold_out, hold_out_arm(w.workspace_id, o.hold_out, o.share_percent), o.starts_at, o.ends_at
FROM workspaces w JOIN hold_outs o ON o.source = w.source AND o.starts_at <= :at AND (o.ends_at IS NULL OR o.ends_at > :at)
WHERE w.workspace_id = :workspace_id
ORDER BY starts_at, name;
