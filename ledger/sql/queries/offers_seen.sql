-- name: add_offer_seen
-- No row comes back when the key was used before.
INSERT INTO offers_seen (workspace_id, key, at) VALUES (:workspace_id, :key, :at)
ON CONFLICT DO NOTHING
RETURNING at;

-- name: offer_seen
SELECT at FROM offers_seen WHERE workspace_id = :workspace_id AND key = :key;
