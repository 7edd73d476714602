UPDATE annotations SET withdrawn_at = :at
WHERE annotation_id = :annotation_id AND withdrawn_at IS NULL
  AND (CAST(:author AS text) IS NULL OR created_by = :author)
