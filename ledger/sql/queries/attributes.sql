-- name: attribute_keys
-- Each key once: from one to the next greater one, so that it costs as many steps as there are keys.
WITH RECURSIVE keys AS (
    (SELECT key FROM workspace_attributes ORDER BY key LIMIT 1)
    UNION ALL
    SELECT (SELECT a.key FROM workspace_attributes a WHERE a.key > keys.key ORDER BY a.key LIMIT 1) FROM keys WHERE keys.key IS NOT NULL
)
SELECT key FROM keys WHERE key IS NOT NULL;

-- name: attribute_segments
-- Each segment of each key once, in the same way; after :limit of one key comes the next key.
WITH RECURSIVE segments AS (
    (SELECT key, segment, 1 AS n FROM workspace_attributes ORDER BY key, segment LIMIT 1)
    UNION ALL
    SELECT next.key, next.segment, CASE WHEN next.key = s.key THEN s.n + 1 ELSE 1 END
    FROM segments s
    CROSS JOIN LATERAL (
        (SELECT a.key, a.segment FROM workspace_attributes a
         WHERE s.n < :limit AND (a.key, a.segment) > (s.key, s.segment) ORDER BY a.key, a.segment LIMIT 1)
        UNION ALL
        (SELECT a.key, a.segment FROM workspace_attributes a
         WHERE s.n >= :limit AND a.key > s.key ORDER BY a.key, a.segment LIMIT 1)
    ) next
)
SELECT key, segment FROM segments;

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
