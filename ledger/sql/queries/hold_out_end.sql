UPDATE hold_outs SET ends_at = :at WHERE hold_out = :name AND ends_at IS NULL AND starts_at < :at
RETURNING hold_out AS name, source, share_percent, hits_needed, reason, starts_at, ends_at, created_by;
