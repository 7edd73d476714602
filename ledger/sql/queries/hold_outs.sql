SELECT hold_out AS name, source, share_percent, hits_needed, reason, starts_at, ends_at, created_by FROM hold_outs
WHERE (CAST(:source AS text) IS NULL OR source = :source) AND (CAST(:name AS text) IS NULL OR hold_out = :name)
ORDER BY starts_at DESC, hold_out;
