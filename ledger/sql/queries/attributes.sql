-- name: attribute_keys
-- Each key once: from one to the next greater one, so that it costs as many steps as there are keys.
WITH RECURSIVE keys AS (
    (SELECT key FROM workspace_attributes ORDER BY key LIMIT 1)
    UNION ALL
    SELECT (SELECT a.key FROM workspace_attributes a WHERE a.key > keys.key ORDER BY a.key LIMIT 1) FROM keys WHERE keys.key IS NOT NULL
)
SELECT key FROM keys WHERE key IS NOT NULL;

-- name: attribute_segments
-- Each segment of a key once, in the same way.
WITH RECURSIVE segments AS (
    (SELECT segment FROM workspace_attributes WHERE key = :key ORDER BY segment LIMIT 1)
    UNION ALL
    SELECT (SELECT a.segment FROM workspace_attributes a WHERE a.key = :key AND a.segment > s.segment ORDER BY a.segment LIMIT 1)
    FROM segments s WHERE s.segment IS NOT NULL
)
SELECT segment FROM segments WHERE segment IS NOT NULL LIMIT :limit;

-- name: attribute_set
-- The same value again keeps who set it, and when.
INSERT INTO workspace_attributes AS a (workspace_id, key, value, segment, is_number, set_by, set_at)
VALUES (:workspace_id, :key, :value, :segment, :is_number, :actor, :at)
ON CONFLICT (workspace_id, key) DO UPDATE SET value = EXCLUDED.value, segment = EXCLUDED.segment, is_number = EXCLUDED.is_number,
    set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at
WHERE (a.value, a.is_number) <> (EXCLUDED.value, EXCLUDED.is_number);

-- name: attributes_of_workspace
SELECT key, value, is_number FROM workspace_attributes WHERE workspace_id = :workspace_id ORDER BY key;

-- name: attributes_remove
DELETE FROM workspace_attributes WHERE workspace_id = :workspace_id AND key = ANY (CAST(:keys AS text[]));
