-- name: pricing_reading
SELECT wanted_at, begun_at, share, fingerprint, error, ended_at FROM pricing_readings
WHERE source = :source AND currency = :currency AND up_to = coalesce(CAST(:up_to AS timestamptz), 'infinity');

-- name: pricing_reading_claim
-- The next reading that nobody has begun, or whose worker has gone; one of several workers gets it.
UPDATE pricing_readings SET begun_at = :at, share = 0
WHERE (source, currency, up_to) = (
    SELECT source, currency, up_to FROM pricing_readings
    WHERE ended_at IS NULL AND (begun_at IS NULL OR begun_at < :given_up)
    ORDER BY wanted_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING source, currency, nullif(up_to, 'infinity') AS up_to;

-- name: pricing_reading_end
UPDATE pricing_readings SET share = 1, fingerprint = :fingerprint, error = :error, ended_at = :at
WHERE source = :source AND currency = :currency AND up_to = coalesce(CAST(:up_to AS timestamptz), 'infinity');

-- name: pricing_reading_progress
UPDATE pricing_readings SET share = least(greatest(:share, 0), 1)
WHERE source = :source AND currency = :currency AND up_to = coalesce(CAST(:up_to AS timestamptz), 'infinity') AND ended_at IS NULL;

-- name: pricing_reading_want
-- Request a reading. One that is in progress is not requested again, unless its worker has been silent for too long.
INSERT INTO pricing_readings (source, currency, up_to, wanted_at) VALUES (:source, :currency, coalesce(CAST(:up_to AS timestamptz), 'infinity'), :at)
ON CONFLICT (source, currency, up_to) DO UPDATE
    SET wanted_at = EXCLUDED.wanted_at, begun_at = NULL, share = 0, fingerprint = NULL, error = NULL, ended_at = NULL
    WHERE pricing_readings.ended_at IS NOT NULL;

-- name: pricing_readings_forget
DELETE FROM pricing_readings WHERE ended_at < :before;

-- name: pricing_snapshot_get
SELECT facts FROM pricing_snapshots WHERE source = :source AND fingerprint = :fingerprint AND layout = :layout;

-- name: pricing_snapshot_keep
INSERT INTO pricing_snapshots (source, currency, fingerprint, data_to, taken_at, watermark, code_version, layout, workspaces, facts)
VALUES (:source, :currency, :fingerprint, :data_to, :at, :watermark, :code_version, :layout, :workspaces, :facts)
ON CONFLICT (source, currency, fingerprint) DO UPDATE SET taken_at = EXCLUDED.taken_at, watermark = EXCLUDED.watermark,
    code_version = EXCLUDED.code_version, layout = EXCLUDED.layout, facts = EXCLUDED.facts;

-- name: pricing_snapshot_newest
SELECT source, currency, fingerprint, data_to, taken_at, watermark, code_version, workspaces FROM pricing_snapshots
WHERE source = :source AND currency = :currency AND layout = :layout ORDER BY data_to DESC, taken_at DESC LIMIT 1;

-- name: pricing_snapshots_prune
-- The newest ones stay, those that a page requested, and those on which a scenario was saved (:saved).
DELETE FROM pricing_snapshots s
WHERE s.source = :source AND s.currency = :currency
  AND s.fingerprint NOT IN (SELECT n.fingerprint FROM pricing_snapshots n WHERE n.source = :source AND n.currency = :currency ORDER BY n.data_to DESC LIMIT :newest)
  AND NOT EXISTS (SELECT 1 FROM pricing_readings r WHERE r.source = s.source AND r.fingerprint = s.fingerprint)
  AND s.fingerprint <> ALL(CAST(:saved AS text[]));

-- name: pricing_snapshots_saved
-- On which snapshots of a source a scenario was saved.
SELECT DISTINCT c.snapshot ->> 'fingerprint' FROM pricing_scenarios c
WHERE c.snapshot ->> 'source' = :source AND c.snapshot ->> 'fingerprint' IS NOT NULL;

-- name: pricing_watermark
-- How far the workspaces of a source are rolled up, and what is on sale: another answer means other facts.
SELECT concat_ws('-', r.workspaces, r.entries, r.signatures,
       (SELECT md5(string_agg(p::text, ',' ORDER BY p::text)) FROM extra_minutes_packages p),
       (SELECT md5(string_agg(p::text, ',' ORDER BY p::text)) FROM plans p),
       (SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM price_tests t))
FROM (
    SELECT count(*) AS workspaces, sum(k.entry_no) AS entries,
           bit_xor(hashtextextended(k.workspace_id, k.entry_no) # k.signature) AS signatures
    FROM workspaces w JOIN rollup_marks k ON k.workspace_id = w.workspace_id
    WHERE w.source = :source AND w.workspace_id NOT LIKE 'sim:%'
) r;
