-- The event of one usage alert. Its reason says why a limit was hit: emptied, cut_short or refused (extra minutes may remain).
CREATE OR REPLACE FUNCTION emit_usage_event(p_kind text, entry entries) RETURNS void
LANGUAGE sql AS $$
    SELECT emit_event(
        entry.workspace_id,
        CASE p_kind WHEN 'limit_hit' THEN 'usage.limit_hit' WHEN 'plan_exhausted' THEN 'usage.plan_exhausted'
                    WHEN 'refused' THEN 'usage.refused' ELSE 'usage.threshold' END,
        entry.at,
        jsonb_build_object(
            'workspace_id', entry.workspace_id, 'entry_no', entry.entry_no, 'key', entry.key, 'minutes', entry.minutes,
            'unmet_minutes', entry.unmet_minutes, 'balance', balance_of_entry(entry),
            'threshold', CASE WHEN p_kind LIKE 'used_%' THEN substr(p_kind, 6)::integer END,
            'reason', CASE WHEN p_kind LIKE 'used_%' THEN 'threshold_reached' WHEN p_kind = 'plan_exhausted' THEN 'plan_used_up'
                           WHEN entry.overage_policy = 'refused' THEN 'refused' WHEN entry.unmet_minutes > 0 THEN 'cut_short' ELSE 'emptied' END));
$$;
