-- name: go_live
-- Only on the latest comparison of its source, and only when it has no differences.
UPDATE move_in_comparisons c SET went_live_by = :actor
WHERE c.comparison_id = :comparison_id AND c.open = 0 AND c.unexplained_minutes = 0 AND c.unexplained_cents = 0
  AND c.comparison_id = (SELECT max(l.comparison_id) FROM move_in_comparisons l WHERE l.source = c.source)
RETURNING c.comparison_id;

-- name: list_comparisons
SELECT comparison_id, source, compared_at, actor, equal, open, unexplained_minutes, unexplained_cents, differences, went_live_by
FROM move_in_comparisons ORDER BY comparison_id DESC LIMIT :limit;

-- name: old_balances
SELECT o.workspace_id, o.minutes, w.workspace_id IS NOT NULL AS known
FROM old_balances o LEFT JOIN workspaces w ON w.workspace_id = o.workspace_id ORDER BY o.workspace_id;

-- name: on_trial
SELECT count(*) > 0 AND count(went_live_by) = 0 FROM move_in_comparisons;

-- name: has_gone_live
SELECT count(went_live_by) > 0 FROM move_in_comparisons;

-- name: save_comparison
INSERT INTO move_in_comparisons (source, compared_at, actor, equal, open, unexplained_minutes, unexplained_cents, differences)
VALUES (:source, :at, :actor, :equal, :open, :unexplained_minutes, :unexplained_cents, CAST(:differences AS jsonb))
RETURNING comparison_id, source, compared_at, actor, equal, open, unexplained_minutes, unexplained_cents, differences, went_live_by;

-- name: save_old_balance
INSERT INTO old_balances (workspace_id, minutes, actor, at) VALUES (:workspace_id, :minutes, :actor, :at)
ON CONFLICT (workspace_id) DO UPDATE SET minutes = EXCLUDED.minutes, actor = EXCLUDED.actor, at = EXCLUDED.at;
