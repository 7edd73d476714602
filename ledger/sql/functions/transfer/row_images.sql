-- Every row of these workspaces that an import may write, as it is now.
CREATE OR REPLACE FUNCTION row_images(p_workspace_ids text[]) RETURNS TABLE (workspace_id text, table_name text, id jsonb, image jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY public.import_tables() LOOP
        RETURN QUERY EXECUTE format(
            'SELECT t.workspace_id::text, %1$L::text, %2$s, to_jsonb(t) FROM public.%1$I t WHERE t.workspace_id = ANY($1)',
            v_table, public.key_of_row(v_table)) USING p_workspace_ids;
    END LOOP;
END $$;
