-- Whose any of these ids of Stripe is; ids that name a purchase come first.
SELECT object_id, kind, workspace_id, purchase_id FROM payment_objects
WHERE object_id = ANY(CAST(:object_ids AS text[]))
ORDER BY purchase_id IS NULL, recorded_at, object_id LIMIT 1;
