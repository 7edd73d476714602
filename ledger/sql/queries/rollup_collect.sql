-- Workspaces with entries that are not rolled up, and those with facts that lay in the future then. With :sweep, all of
-- them: payments and plan spells may change without an entry.
INSERT INTO rollup_work (workspace_id, from_no, to_no, known_signature)
SELECT w.workspace_id, coalesce(k.entry_no, 0), w.entry_no, k.signature
FROM workspace_minutes w
LEFT JOIN rollup_marks k ON k.workspace_id = w.workspace_id
WHERE :sweep OR k.workspace_id IS NULL OR k.entry_no <> w.entry_no OR w.latest_at > CAST(:data_to AS timestamptz)
