-- Purchases that this gateway serves and that began or were paid in a span of time, in pages by id.
SELECT * FROM extra_minutes_purchases
WHERE CASE source WHEN 'demo' THEN 'sandbox' ELSE source END = :mode
  AND (created_at >= :since AND created_at < :until OR paid_at >= :since AND paid_at < :until)
  AND (workspace_id, purchase_id) > (:after_workspace, CAST(:after_purchase AS uuid))
ORDER BY workspace_id, purchase_id LIMIT :limit;
