-- Somebody began to take a make-good back: what still waits is not given any more.
UPDATE grant_batches SET undone_by = :actor WHERE batch_id = :batch_id AND undone_by IS NULL
