SELECT s.workspace_id, s.name, s.owner_email, s.source, s.created_at, w.plan, w.billing_cycle
FROM workspaces s
JOIN workspace_minutes w ON w.workspace_id = s.workspace_id
WHERE s.workspace_id = :workspace_id
