-- The rows of a make-good: those that cannot be given are kept with their problem.
INSERT INTO grant_batch_rows (batch_id, row_no, workspace_id, minutes, state, problem)
SELECT :batch_id, r.row_no, r.workspace_id, r.minutes, CASE WHEN r.problem = '' THEN 'waiting' ELSE 'refused' END,
       nullif(r.problem, '')
FROM unnest(CAST(:row_nos AS int[]), CAST(:workspace_ids AS text[]), CAST(:minutes AS bigint[]), CAST(:problems AS text[]))
     AS r (row_no, workspace_id, minutes, problem)
ON CONFLICT (batch_id, row_no) DO NOTHING
