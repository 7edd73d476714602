-- The statement that makes the rows of a table what they were before the import $1 changed them.
CREATE OR REPLACE FUNCTION restoring_statement(p_table text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('UPDATE public.%1$I t SET (%2$s) = ROW(%3$s)
                   FROM public.import_changes c CROSS JOIN LATERAL jsonb_populate_record(NULL::public.%1$I, c.before) r
                   WHERE c.import_id = $1 AND c.table_name = %1$L AND c.before IS NOT NULL
                     AND t.workspace_id = c.workspace_id AND c.id = %4$s AND to_jsonb(t) <> c.before',
                  p_table, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
                  string_agg('r.' || quote_ident(a.attname), ', ' ORDER BY a.attnum), public.key_of_row(p_table))
    FROM pg_attribute a
    WHERE a.attrelid = to_regclass('public.' || p_table) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
$$;
