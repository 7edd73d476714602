-- The expression, over a row `t`, that builds its primary key as JSON.
CREATE OR REPLACE FUNCTION key_of_row(p_table text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('jsonb_build_array(%s)', string_agg(format('t.%I', a.attname), ', ' ORDER BY a.attnum))
    FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
    WHERE i.indrelid = to_regclass('public.' || p_table) AND i.indisprimary
$$;
