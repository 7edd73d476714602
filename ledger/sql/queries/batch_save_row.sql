-- What became of one row.
UPDATE grant_batch_rows
SET state = :state, problem = :problem, lot_id = :lot_id, undone_minutes = :undone_minutes
WHERE batch_id = :batch_id AND row_no = :row_no
