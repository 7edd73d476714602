SELECT source, fingerprint, data_to, taken_at, watermark, code_version, workspaces FROM pricing_snapshots
WHERE source = :source AND layout = :layout ORDER BY data_to DESC, taken_at DESC LIMIT 1;
