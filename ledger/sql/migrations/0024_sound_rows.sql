-- The rules of one row of `entries` and of `workspace_minutes`, each in one CHECK that calls a function: PostgreSQL reads a CHECK
-- from text in every statement that writes the table, and a function once for each connection. The same holds for generated
-- columns: those of an entry are written with it, and checked. A broken rule is told by its own name.
-- Made by migrations only, so that a rule never changes without all rows being checked against it.
CREATE FUNCTION refuse_row(p_table text, p_rule text, p_row record) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'check_violation', TABLE = p_table, CONSTRAINT = p_rule,
        MESSAGE = format('new row for relation "%s" violates check constraint "%s"', p_table, p_rule),
        DETAIL = format('Failing row contains %s.', p_row);
END $$;

CREATE FUNCTION entry_is_sound(e record) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN least(e.plan_after, e.extra_after, e.unmet_minutes) < 0 THEN 'entries_never_negative'
        WHEN e.minutes <> e.unmet_minutes + abs(e.plan_delta + e.extra_delta) THEN 'entries_add_up'
        WHEN e.plan_before + e.plan_delta <> e.plan_after OR e.extra_before + e.extra_delta <> e.extra_after THEN 'entries_add_up'
        WHEN e.previous_no IS DISTINCT FROM nullif(e.entry_no - 1, 0) THEN 'entries_numbered_without_gaps'
        WHEN e.previous_no IS NULL AND (e.plan_before <> 0 OR e.extra_before <> 0) THEN 'entries_first_starts_at_zero'
        WHEN (e.kind = 'use') <> (e.take IS NOT NULL) THEN 'entries_use_has_take'
        WHEN e.take IS NULL AND e.lot_id IS NULL THEN 'entries_use_only_draws'
        WHEN e.take IS NOT NULL AND greatest(e.plan_delta, e.extra_delta) > 0 THEN 'entries_use_only_draws'
        WHEN e.kind >= 'grant' AND coalesce(btrim(e.reason), '') = '' THEN 'entries_decision_has_reason'
        WHEN e.key = '' THEN 'entries_key_not_empty'
    END;
BEGIN
    IF broken IS NULL THEN
        RETURN true;
    END IF;
    RETURN refuse_row('entries', broken, e);
END $$;

CREATE FUNCTION balance_is_sound(w record) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN least(w.minutes_remaining, w.extra_minutes_remaining, w.current_remaining) < 0 THEN 'workspace_minutes_never_negative'
        WHEN w.minutes_remaining + w.extra_minutes_remaining > w.top THEN 'workspace_minutes_top_covers_balance'
        WHEN w.last_entry_no IS NULL AND w.top <> 0 THEN 'workspace_minutes_empty_is_zero'
    END;
BEGIN
    IF broken IS NULL THEN
        RETURN true;
    END IF;
    RETURN refuse_row('workspace_minutes', broken, w);
END $$;

ALTER TABLE entries
    ALTER COLUMN previous_no DROP EXPRESSION,
    ALTER COLUMN plan_before DROP EXPRESSION,
    ALTER COLUMN extra_before DROP EXPRESSION,
    ALTER COLUMN plan_before SET NOT NULL,
    ALTER COLUMN extra_before SET NOT NULL,
    DROP CONSTRAINT entries_never_negative,
    DROP CONSTRAINT entries_add_up,
    DROP CONSTRAINT entries_first_starts_at_zero,
    DROP CONSTRAINT entries_use_has_take,
    DROP CONSTRAINT entries_use_only_draws,
    DROP CONSTRAINT entries_decision_has_reason,
    DROP CONSTRAINT entries_key_not_empty,
    ADD CONSTRAINT entries_are_sound CHECK (entry_is_sound(entries));
ALTER TABLE workspace_minutes
    DROP CONSTRAINT workspace_minutes_never_negative,
    DROP CONSTRAINT workspace_minutes_top_covers_balance,
    DROP CONSTRAINT workspace_minutes_empty_is_zero,
    ADD CONSTRAINT workspace_minutes_are_sound CHECK (balance_is_sound(workspace_minutes));
