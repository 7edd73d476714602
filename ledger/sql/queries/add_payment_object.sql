INSERT INTO payment_objects (object_id, kind, workspace_id, purchase_id)
VALUES (:object_id, :kind, :workspace_id, CAST(:purchase_id AS uuid))
ON CONFLICT (object_id) DO NOTHING;
