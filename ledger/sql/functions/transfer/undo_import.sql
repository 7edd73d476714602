-- Takes the workspaces of an import out of every table, with all that belongs to them, and answers how many; what it added to
-- workspaces that were here before, undo_additions takes back.
-- Refused while a workspace has an entry that the import did not book (monthly resets aside), or was here long before it was
-- listed under the import. What hangs on others goes first.
-- Runs as the owner: the application can't delete entries.
CREATE OR REPLACE FUNCTION undo_import(p_import_id uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    v_ids text[] := ARRAY(SELECT i.workspace_id FROM public.imported_workspaces i WHERE i.import_id = p_import_id ORDER BY 1);
    v_added text[] := ARRAY(SELECT a.workspace_id FROM public.import_additions a WHERE a.import_id = p_import_id ORDER BY 1);
    v_older text;
    v_newer text;
    v_tables text[];
    v_table text;
BEGIN
    PERFORM public.lock_with_payments(v_ids || v_added);
    SELECT i.workspace_id INTO v_older
    FROM public.imported_workspaces i
    JOIN public.workspaces w ON w.workspace_id = i.workspace_id AND w.recorded_at < i.recorded_at - interval '10 minutes'
    WHERE i.import_id = p_import_id LIMIT 1;
    IF FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'this workspace did not come with the import', DETAIL = v_older;
    END IF;
    SELECT format('%s has entry %s', e.workspace_id, e.entry_no) INTO v_newer
    FROM public.imported_workspaces i
    JOIN public.entries e ON e.workspace_id = i.workspace_id AND e.entry_no > i.entry_no AND e.kind <> 'reset'
    WHERE i.import_id = p_import_id LIMIT 1;
    IF FOUND THEN
        RAISE SQLSTATE 'LG410' USING MESSAGE = 'newer entries depend on this import', DETAIL = v_newer;
    END IF;
    PERFORM public.refuse_undo(p_import_id, v_ids || v_added);
    IF cardinality(v_added) > 0 THEN
        PERFORM public.undo_additions(p_import_id, v_added);
    END IF;
    PERFORM public.undo_seals(p_import_id, v_ids);
    WITH RECURSIVE hangs AS (
        SELECT c.conrelid AS child, c.confrelid AS parent FROM pg_constraint c
        WHERE c.contype = 'f' AND c.conrelid <> c.confrelid AND c.connamespace = 'public'::regnamespace
    ), depth AS (
        SELECT k.table_name, to_regclass('public.' || k.table_name)::oid AS id, 0 AS depth
        FROM public.table_kinds k WHERE k.kind = 'workspace'
        UNION
        SELECT k.table_name, h.child, d.depth + 1
        FROM depth d JOIN hangs h ON h.parent = d.id
        JOIN public.table_kinds k ON k.kind = 'workspace' AND to_regclass('public.' || k.table_name)::oid = h.child
        WHERE d.depth < 20
    )
    SELECT array_agg(t.table_name ORDER BY t.depth DESC, t.table_name) INTO v_tables
    FROM (SELECT d.table_name, max(d.depth) AS depth FROM depth d GROUP BY 1) t;
    FOREACH v_table IN ARRAY v_tables LOOP
        EXECUTE format('DELETE FROM public.%I WHERE workspace_id = ANY($1)', v_table) USING v_ids;
    END LOOP;
    DELETE FROM public.payment_objects o WHERE o.workspace_id = ANY(v_ids);
    RETURN cardinality(v_ids);
END $$;

-- grants
REVOKE EXECUTE ON FUNCTION undo_import(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION undo_import(uuid) TO ledger_app;
