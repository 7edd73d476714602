-- One row, held until the end of the transaction, so that two people who run the same batch give once.
SELECT row_no, workspace_id, minutes, state, problem, lot_id, undone_minutes
FROM grant_batch_rows
WHERE batch_id = :batch_id AND row_no = :row_no
FOR UPDATE
