-- Pin a workspace for somebody, or unpin it (no time).
INSERT INTO opened_workspaces (operator, workspace_id, opened_at, pinned_at)
VALUES (:operator, :workspace_id, :at, :pinned_at)
ON CONFLICT (operator, workspace_id) DO UPDATE SET pinned_at = EXCLUDED.pinned_at
