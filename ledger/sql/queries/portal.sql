-- name: portal_link_add
INSERT INTO portal_links (token_sha256, workspace_id, return_url, read_only, created_by, created_at, expires_at)
VALUES (:token_sha256, :workspace_id, :return_url, :read_only, :actor, :at, :expires_at);

-- name: portal_link
SELECT workspace_id, return_url, read_only, expires_at FROM portal_links
WHERE token_sha256 = :token_sha256 AND expires_at > :at;

-- name: portal_links_purge
DELETE FROM portal_links WHERE expires_at <= :at;
