-- A second person lets a make-good run.
UPDATE grant_batches SET approved_by = :actor WHERE batch_id = :batch_id AND approved_by IS NULL
