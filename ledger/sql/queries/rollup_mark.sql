INSERT INTO rollup_marks (workspace_id, entry_no, signature)
SELECT workspace_id, to_no, signature FROM rollup_work
ON CONFLICT (workspace_id) DO UPDATE SET entry_no = EXCLUDED.entry_no, signature = EXCLUDED.signature
