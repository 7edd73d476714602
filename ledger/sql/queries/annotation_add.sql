INSERT INTO annotations (annotation_id, at, kind, metric, text, created_by)
VALUES (:annotation_id, :at, :kind, :metric, :text, :actor)
ON CONFLICT (annotation_id) DO NOTHING
