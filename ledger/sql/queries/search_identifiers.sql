-- Whose workspace id, Stripe id, purchase id, receipt number or e-mail address this is, to the letter.
SELECT workspace_id, 'workspace id' AS kind FROM workspaces WHERE workspace_id = :text
UNION ALL
SELECT workspace_id, replace(kind, '_', ' ') FROM payment_objects WHERE object_id = :text
UNION ALL
(SELECT workspace_id, 'e-mail address' FROM workspaces WHERE lower(owner_email) COLLATE "C" = lower(:text) LIMIT 200)
