-- The balance after an entry, as events carry it.
CREATE OR REPLACE FUNCTION balance_of_entry(entry entries) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'plan_minutes', entry.plan_after, 'extra_minutes', entry.extra_after, 'total_minutes', entry.plan_after + entry.extra_after,
        'percent_used', gauge_percent(entry.gauge_base, entry.plan_after + entry.extra_after));
$$;
