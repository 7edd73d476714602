-- name: keep_reconciliation
INSERT INTO reconciliations
    (since, until, source, actor, checked_payments, checked_purchases, checked_invoices, repaired, findings, at)
VALUES (:since, :until, :source, :actor, :checked_payments, :checked_purchases, :checked_invoices, :repaired,
        CAST(:findings AS jsonb), :at)
RETURNING reconciliation_id;

-- name: list_reconciliations
SELECT reconciliation_id, since, until, source, actor, checked_payments, checked_purchases, checked_invoices, repaired, findings, at
FROM reconciliations ORDER BY at DESC, reconciliation_id DESC LIMIT :limit;

-- name: purchases_between
-- Purchases that this gateway serves and that began or were paid in a span of time, in pages by id.
SELECT * FROM extra_minutes_purchases
WHERE CASE WHEN source = 'demo' THEN 'sandbox' ELSE source END = :mode
  AND (created_at >= :since AND created_at < :until OR paid_at >= :since AND paid_at < :until)
  AND (workspace_id, purchase_id) > (:after_workspace, CAST(:after_purchase AS uuid))
ORDER BY workspace_id, purchase_id LIMIT :limit;

-- name: purchases_of_intents
-- First the objects by their own key, then each purchase by its workspace.
SELECT p.* FROM (
    SELECT o.workspace_id, o.purchase_id FROM payment_objects o WHERE o.object_id = ANY(CAST(:object_ids AS text[])) OFFSET 0
) o
JOIN extra_minutes_purchases p ON p.workspace_id = o.workspace_id AND p.purchase_id = o.purchase_id;
