INSERT INTO pricing_snapshots (source, fingerprint, data_to, taken_at, watermark, code_version, layout, workspaces, facts)
VALUES (:source, :fingerprint, :data_to, :at, :watermark, :code_version, :layout, :workspaces, :facts)
ON CONFLICT (source, fingerprint) DO UPDATE SET taken_at = EXCLUDED.taken_at, watermark = EXCLUDED.watermark,
    code_version = EXCLUDED.code_version, layout = EXCLUDED.layout, facts = EXCLUDED.facts;
