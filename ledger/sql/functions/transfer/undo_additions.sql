-- Takes back what an import added to workspaces that were here before: its entries with all that hangs on them, the rows that came
-- with it, and the rows it changed, which are again as they were. The daily sums of these workspaces begin anew.
CREATE OR REPLACE FUNCTION undo_additions(p_import_id uuid, p_workspace_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_sound jsonb := public.sound_seals(p_workspace_ids);
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['rollup_marks', 'monthly_usage_cache', 'usage_by_epoch', 'unmet_days', 'lot_days', 'balance_days',
                                   'workspace_days'] LOOP
        EXECUTE format('DELETE FROM public.%I WHERE workspace_id = ANY($1)', v_table) USING p_workspace_ids;
    END LOOP;
    FOREACH v_table IN ARRAY ARRAY['usage_alerts', 'stored_draws', 'idempotency_keys', 'entries', 'stored_lots'] LOOP
        EXECUTE format('DELETE FROM public.%I t USING public.import_additions a
                        WHERE a.import_id = $1 AND t.workspace_id = a.workspace_id AND t.entry_no > a.from_no', v_table) USING p_import_id;
    END LOOP;
    FOREACH v_table IN ARRAY public.import_tables() LOOP
        EXECUTE format('DELETE FROM public.%1$I t USING public.import_changes c
                        WHERE c.import_id = $1 AND c.table_name = %1$L AND c.before IS NULL AND t.workspace_id = c.workspace_id AND c.id = %2$s',
                       v_table, public.key_of_row(v_table)) USING p_import_id;
        EXECUTE public.restoring_statement(v_table) USING p_import_id;
    END LOOP;
    DELETE FROM public.import_changes c WHERE c.import_id = p_import_id;
    PERFORM public.undo_seals_of_additions(p_import_id, v_sound);
    DELETE FROM public.import_additions a WHERE a.import_id = p_import_id;
END $$;
