-- The one INSERT into the statement, for one entry or a batch. What follows from the other columns of an entry is filled in here.
-- An entry begins with the balance that the one before it left: a foreign key knows only its number, so the balances are compared
-- here, unless the caller has. For one entry without unnest, whose unknown length would have PostgreSQL plan it anew for every use.
CREATE OR REPLACE FUNCTION insert_entries(p_entries entries[], p_compared boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    one entries := p_entries[1];
BEGIN
    IF NOT p_compared AND cardinality(p_entries) = 1 AND EXISTS (
        SELECT 1 FROM entries b
        WHERE b.workspace_id = one.workspace_id AND b.entry_no = one.entry_no - 1
          AND (b.plan_after <> one.plan_after - one.plan_delta OR b.extra_after <> one.extra_after - one.extra_delta)
    ) THEN
        PERFORM refuse_row('entries', 'entries_continue_the_balance', format('%s, entry %s', one.workspace_id, one.entry_no));
    END IF;
    INSERT INTO entries (workspace_id, entry_no, previous_no, kind, key, plan_delta, plan_after, extra_delta, extra_after, minutes,
                         unmet_minutes, used_after, at, recorded_at, latest_at, epoch, gauge_base, lot_id, duration_seconds,
                         overage_policy, actor, thresholds, reason, reference)
    SELECT e.workspace_id, e.entry_no, nullif(e.entry_no - 1, 0), e.kind, e.key, e.plan_delta, e.plan_after, e.extra_delta, e.extra_after,
           e.minutes, e.minutes - abs(e.plan_delta + e.extra_delta), e.used_after, e.at, e.recorded_at, e.latest_at, e.epoch,
           e.gauge_base, e.lot_id, e.duration_seconds, e.overage_policy, e.actor, e.thresholds, e.reason, e.reference
    FROM unnest(p_entries) e;
    IF cardinality(p_entries) > 1 THEN
        PERFORM refuse_row('entries', 'entries_continue_the_balance', format('%s, entry %s', e.workspace_id, e.entry_no))
        FROM unnest(p_entries) e
        CROSS JOIN LATERAL (
            SELECT b.plan_after, b.extra_after FROM entries b
            WHERE b.workspace_id = e.workspace_id AND b.entry_no = e.entry_no - 1 OFFSET 0
        ) b
        WHERE b.plan_after <> e.plan_after - e.plan_delta OR b.extra_after <> e.extra_after - e.extra_delta;
    END IF;
END $$;
