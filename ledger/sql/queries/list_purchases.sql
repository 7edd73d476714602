-- Purchases of one workspace, newest first.
SELECT * FROM extra_minutes_purchases
WHERE workspace_id = :workspace_id
  AND (CAST(:before AS uuid) IS NULL OR (created_at, purchase_id) < (
        SELECT created_at, purchase_id FROM extra_minutes_purchases
        WHERE workspace_id = :workspace_id AND purchase_id = CAST(:before AS uuid)))
ORDER BY created_at DESC, purchase_id DESC
LIMIT :limit;
