-- What one row needs to know of its make-good.
SELECT title, reason, created_by, needs_approval AND approved_by IS NULL OR undone_by IS NOT NULL AS held
FROM grant_batches
WHERE batch_id = :batch_id
