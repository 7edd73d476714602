-- name: attribute_keys
SELECT k.key FROM attribute_keys() AS k (key);

-- name: attribute_segments
-- After :limit segments of one key comes the next key.
SELECT s.key, s.segment FROM attribute_segments(:limit) s;

-- name: attribute_set
-- The same value again keeps who set it, and when.
INSERT INTO workspace_attributes AS a (workspace_id, key, value, segment, is_number, set_by, set_at)
VALUES (:workspace_id, :key, :value, :segment, :is_number, :actor, :at)
ON CONFLICT (workspace_id, key) DO UPDATE SET value = EXCLUDED.value, segment = EXCLUDED.segment, is_number = EXCLUDED.is_number,
    set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at
WHERE (a.value, a.is_number) <> (EXCLUDED.value, EXCLUDED.is_number);

-- name: attributes_of_workspace
SELECT key, value, is_number FROM workspace_attributes WHERE workspace_id = :workspace_id ORDER BY key;

-- name: attributes_of_workspaces
SELECT w.workspace_id,
       coalesce((SELECT jsonb_object_agg(a.key, CASE WHEN a.is_number THEN to_jsonb(CAST(a.value AS numeric)) ELSE to_jsonb(a.value) END)
                 FROM workspace_attributes a WHERE a.workspace_id = w.workspace_id), '{}') AS attributes
FROM workspaces w WHERE w.workspace_id = ANY (CAST(:workspace_ids AS text[]));

-- name: attributes_remove
DELETE FROM workspace_attributes WHERE workspace_id = :workspace_id AND key = ANY (CAST(:keys AS text[]));
