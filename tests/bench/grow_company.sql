-- Every row of every workspace again under other ids. Foreign keys are put back at the end and checked in one go, as
-- pg_restore does; every other constraint and every index stays in force.
CREATE OR REPLACE PROCEDURE grow_company(p_times integer) LANGUAGE plpgsql AS $$
DECLARE
    v_table text;
    v_columns text;
    v_values text;
    v_key record;
BEGIN
    SET LOCAL work_mem = '128MB';
    SET LOCAL maintenance_work_mem = '256MB';
    SET LOCAL timezone = 'UTC';
    CREATE TEMP TABLE copies ON COMMIT DROP AS
        SELECT w.workspace_id AS model, format('c%s-%s-%s', p_times, to_char(c, 'FM00'), w.workspace_id) COLLATE "C" AS workspace_id,
               make_interval(days => c % extract(day FROM w.created_at)::integer) AS back
        FROM workspaces w CROSS JOIN generate_series(1, p_times - 1) c;
    CREATE TEMP TABLE keys ON COMMIT DROP AS
        SELECT conrelid::regclass::text AS on_table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace;
    ANALYZE copies;
    FOR v_key IN SELECT * FROM keys LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %s', v_key.on_table, v_key.name);
    END LOOP;
    FOR v_table IN
        SELECT table_name FROM table_kinds WHERE kind = 'workspace' AND table_name NOT IN ('rollup_work', 'use_batches')
    LOOP
        SELECT string_agg(quote_ident(column_name), ', '),
               string_agg(CASE WHEN column_name = 'workspace_id' THEN 'c.workspace_id'
                               WHEN column_name = 'burn_order' THEN 'burn_order(t.kind, t.acquired_at - c.back, t.expires_at)'
                               WHEN data_type = 'timestamp with time zone' THEN format('t.%I - c.back', column_name)
                               ELSE format('t.%I', column_name) END, ', ')
        INTO v_columns, v_values
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = v_table AND is_generated = 'NEVER';
        EXECUTE format('INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM copies c JOIN %I t ON t.workspace_id = c.model ORDER BY c.workspace_id',
                       v_table, v_columns, v_values, v_table);
    END LOOP;
    FOR v_key IN SELECT * FROM keys LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %s %s', v_key.on_table, v_key.name, v_key.definition);
    END LOOP;
END
$$;
