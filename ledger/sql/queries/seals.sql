-- name: seal_lock
-- One sealing at a time; the roots follow each other.
SELECT pg_advisory_xact_lock(7205759403795);

-- name: seal_last_root
SELECT root_no, root FROM seal_roots ORDER BY root_no DESC LIMIT 1;

-- name: seal_root
SELECT root_no, root FROM seal_roots WHERE root_no = :root_no;

-- name: seal_rows
-- Everything that is not sealed yet.
INSERT INTO sealed_rows (chain, subject, version, digest, root_no)
SELECT f.chain, f.subject, f.version, f.digest, :root_no
FROM sealed_facts f
LEFT JOIN sealed_rows s ON s.chain = f.chain AND s.subject = f.subject AND s.version = f.version
WHERE s.chain IS NULL;

-- name: seal_entries
-- The next run of entries of each workspace that has some: at most as many as one digest should hold. A run ends where an import
-- began to add, so that its undo never takes a seal of what was there before.
WITH sealed AS (
    SELECT workspace_id, max(last_entry_no) AS last_no FROM entry_seals GROUP BY workspace_id
), due AS (
    SELECT w.workspace_id, coalesce(s.last_no, 0) + 1 AS first_no,
           least(w.entry_no, coalesce(s.last_no, 0) + CAST(:most AS bigint), a.from_no) AS last_no
    FROM workspace_minutes w
    LEFT JOIN sealed s ON s.workspace_id = w.workspace_id
    LEFT JOIN LATERAL (
        SELECT min(i.from_no) AS from_no FROM import_additions i
        WHERE i.workspace_id = w.workspace_id AND i.from_no > coalesce(s.last_no, 0)) a ON true
    WHERE w.entry_no > coalesce(s.last_no, 0)
)
INSERT INTO entry_seals (workspace_id, first_entry_no, last_entry_no, digest, root_no)
SELECT d.workspace_id, d.first_no, d.last_no,
       sha256(convert_to(string_agg(l.line, E'\n' ORDER BY l.entry_no, l.part, l.line COLLATE "C"), 'UTF8')), :root_no
FROM due d
JOIN sealed_lines l ON l.workspace_id = d.workspace_id AND l.entry_no BETWEEN d.first_no AND d.last_no
GROUP BY d.workspace_id, d.first_no, d.last_no;

-- name: seal_leaves
-- The leaves of one root: what was sealed in its pass.
SELECT sha256(convert_to(concat_ws('|', 'entries', workspace_id, first_entry_no, last_entry_no, encode(digest, 'hex')), 'UTF8')) AS leaf
FROM entry_seals WHERE root_no = :root_no
UNION ALL
SELECT sha256(convert_to(concat_ws('|', chain, subject, version, encode(digest, 'hex')), 'UTF8'))
FROM sealed_rows WHERE root_no = :root_no
UNION ALL
SELECT sha256(convert_to(concat_ws('|', chain, subject, version, encode(digest, 'hex')), 'UTF8'))
FROM undone_seals WHERE root_no = :root_no
ORDER BY leaf;

-- name: seal_add_root
INSERT INTO seal_roots (root_no, sealed_at, leaves, root, signature, key_id)
VALUES (:root_no, :at, :leaves, :root, :signature, :key_id);

-- name: seal_roots
SELECT root_no, sealed_at, leaves, root, signature, key_id FROM seal_roots ORDER BY root_no;

-- name: verify_sealed_rows
-- Sealed rows that changed, or are gone. Bodies of events, notes, attributes and goals may go.
SELECT s.chain, s.subject, f.digest IS NULL AS gone, s.root_no,
       CASE WHEN is_of_workspace(s.chain) THEN split_part(s.subject, '/', 1) ELSE '*' END AS workspace_id
FROM sealed_rows s
LEFT JOIN sealed_facts f ON f.chain = s.chain AND f.subject = s.subject AND f.version = s.version
WHERE s.root_no > :since_root
  AND f.digest IS DISTINCT FROM s.digest
  AND NOT (f.digest IS NULL AND s.chain IN ('event_bodies', 'notes', 'attributes', 'goals'))
  AND NOT (f.digest IS NULL AND EXISTS (
        SELECT 1 FROM sealed_facts n WHERE n.chain = s.chain AND n.subject = s.subject AND n.version > s.version))
ORDER BY s.chain, s.subject, s.version;

-- name: verify_backdated_rows
-- Lines of the audit log that claim to be older than a root which did not see them.
SELECT a.audit_no, a.recorded_at, o.root_no, o.sealed_at
FROM audit a
LEFT JOIN sealed_rows s ON s.chain = 'audit' AND s.subject = a.audit_no::text
JOIN LATERAL (
    SELECT r.root_no, r.sealed_at FROM seal_roots r
    WHERE r.sealed_at > a.recorded_at + make_interval(mins => 5) AND r.root_no < coalesce(s.root_no, 9223372036854775807)
    ORDER BY r.root_no LIMIT 1
) o ON true
ORDER BY a.audit_no;

-- name: verify_entry_seals
-- Runs of entries of some workspaces that are no more what they were, and runs that leave a gap.
SELECT s.workspace_id, s.first_entry_no, s.last_entry_no, s.root_no
FROM entry_seals s
LEFT JOIN LATERAL (
    SELECT sha256(convert_to(string_agg(l.line, E'\n' ORDER BY l.entry_no, l.part, l.line COLLATE "C"), 'UTF8')) AS digest
    FROM sealed_lines l
    WHERE l.workspace_id = s.workspace_id AND l.entry_no BETWEEN s.first_entry_no AND s.last_entry_no
) n ON true
WHERE s.workspace_id = ANY(:ids)
  AND (n.digest IS DISTINCT FROM s.digest
       OR s.first_entry_no <> 1 AND NOT EXISTS (
            SELECT 1 FROM entry_seals b WHERE b.workspace_id = s.workspace_id AND b.last_entry_no = s.first_entry_no - 1))
ORDER BY s.workspace_id, s.first_entry_no;

-- name: verify_undone_seals
-- Seals that no undone import explains: it must be undone, nothing of it may be left, and the workspace must have come with it
-- from its first seal on; or have got rows of it, and then only what came after is explained.
SELECT u.chain, u.subject, u.root_no, u.workspace_id
FROM (SELECT *, split_part(replace(subject, '|', '/'), '/', 1) AS workspace_id FROM undone_seals) u
LEFT JOIN imports i ON i.import_id = u.import_id AND i.undone_at IS NOT NULL
WHERE i.import_id IS NULL
   OR NOT (u.chain = 'entries' OR is_of_workspace(u.chain))
   OR u.import_id IN (SELECT w.import_id FROM imported_workspaces w UNION ALL SELECT a.import_id FROM import_additions a)
   OR NOT EXISTS (
        SELECT 1 FROM undone_seals m
        WHERE m.subject = concat(u.workspace_id, '/', u.import_id) AND m.root_no <= u.root_no
          AND (m.chain = 'imported_workspaces' OR m.chain = 'import_additions' AND (
                u.chain <> 'entries' OR CAST(split_part(u.subject, '|', 2) AS bigint) > m.version)))
ORDER BY u.root_no, u.chain, u.subject, u.version;

-- name: verify_refunded_cents
-- Purchases whose refunded amount is not that of their refunds.
SELECT p.workspace_id, p.purchase_id, p.refunded_cents, coalesce(sum(r.amount_cents), 0)::bigint AS refunds_cents
FROM extra_minutes_purchases p
LEFT JOIN refunds r ON r.workspace_id = p.workspace_id AND r.purchase_id = p.purchase_id AND r.status NOT IN ('failed', 'canceled')
GROUP BY p.workspace_id, p.purchase_id, p.refunded_cents
HAVING p.refunded_cents <> coalesce(sum(r.amount_cents), 0)
ORDER BY p.workspace_id, p.purchase_id;
