-- The identity goes, the workspace and its ledger stay.
UPDATE workspaces SET name = :name, owner_email = :owner_email
WHERE workspace_id = :workspace_id
RETURNING workspace_id
