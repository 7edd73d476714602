SELECT p.* FROM payment_objects o
JOIN extra_minutes_purchases p ON p.workspace_id = o.workspace_id AND p.purchase_id = o.purchase_id
WHERE o.object_id = ANY(CAST(:object_ids AS text[]));
