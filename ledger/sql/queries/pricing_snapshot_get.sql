SELECT facts FROM pricing_snapshots WHERE source = :source AND fingerprint = :fingerprint AND layout = :layout;
