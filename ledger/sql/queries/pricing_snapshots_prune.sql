-- The newest ones stay, what a page has asked for, and those on which a scenario was saved.
DELETE FROM pricing_snapshots s
WHERE s.source = :source
  AND s.fingerprint NOT IN (SELECT n.fingerprint FROM pricing_snapshots n WHERE n.source = :source ORDER BY n.data_to DESC LIMIT :kept)
  AND NOT EXISTS (SELECT 1 FROM pricing_readings r WHERE r.source = s.source AND r.fingerprint = s.fingerprint)
  AND NOT EXISTS (SELECT 1 FROM pricing_scenarios c WHERE c.snapshot ->> 'source' = s.source AND c.snapshot ->> 'fingerprint' = s.fingerprint);
