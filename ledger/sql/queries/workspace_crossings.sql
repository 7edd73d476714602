-- What a workspace crossed, newest first, and whether its warning reached the customer's program.
SELECT epoch, kind, entry_no, at, unmet_minutes, delivery, attempts, delivered_at, last_error
FROM crossings
WHERE workspace_id = :workspace_id
ORDER BY at DESC, entry_no DESC, kind
LIMIT :limit
