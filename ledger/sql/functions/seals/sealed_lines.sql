-- What a seal of entries covers, a line each: the entry with every column, what it drew from which lot, and the lot it credited.
CREATE OR REPLACE VIEW sealed_lines AS
    SELECT e.workspace_id, e.entry_no, 0 AS part,
           jsonb_strip_nulls(jsonb_build_object(
               'entry_no', e.entry_no, 'kind', e.kind, 'key', e.key, 'plan_delta', e.plan_delta,
               'plan_after', e.plan_after, 'extra_delta', e.extra_delta, 'extra_after', e.extra_after,
               'minutes', e.minutes, 'unmet_minutes', e.unmet_minutes, 'used_after', e.used_after, 'at', e.at,
               'recorded_at', e.recorded_at, 'latest_at', e.latest_at, 'epoch', e.epoch, 'gauge_base', e.gauge_base, 'lot_id', e.lot_id,
               'duration_seconds', e.duration_seconds, 'overage_policy', e.overage_policy, 'actor', e.actor,
               'thresholds', e.thresholds, 'reason', e.reason, 'reference', e.reference))::text AS line
    FROM entries e
    UNION ALL
    SELECT d.workspace_id, d.entry_no, 1, jsonb_build_object('lot_id', d.lot_id, 'drawn', d.minutes)::text
    FROM stored_draws d
    UNION ALL
    SELECT l.workspace_id, l.entry_no, 2,
           jsonb_strip_nulls(jsonb_build_object(
               'lot_id', l.lot_id, 'lot_kind', l.kind, 'minutes', l.minutes, 'acquired_at', l.acquired_at,
               'period_start', l.period_start, 'reset_date', l.reset_date, 'expires_at', l.expires_at,
               'purchase_id', l.purchase_id, 'arrears', l.arrears))::text
    FROM stored_lots l;

-- grants
GRANT SELECT ON sealed_lines TO ledger_app;
