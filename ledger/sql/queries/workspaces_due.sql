-- Workspaces whose next monthly period is due, earliest first.
SELECT workspace_id FROM workspace_minutes
WHERE managed_by = 'ledger' AND minutes_reset_date <= :at
ORDER BY minutes_reset_date
LIMIT :limit
