-- Look again at the tables of which the planner believes to hold less than a tenth of what they hold; returns how many.
-- One that was analysed while its rows were on their way in, or had been rolled back, counts as empty until autovacuum
-- comes by; a statement over it that is planned meanwhile pairs every row with every other and may run for hours.
-- Only the owner may ANALYZE, so this runs as the owner.
CREATE OR REPLACE FUNCTION analyse_misjudged() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_tables text[] := ARRAY(
        SELECT k.table_name FROM public.table_kinds k
        JOIN pg_class c ON c.relname = k.table_name AND c.relnamespace = 'public'::regnamespace
        WHERE c.relpages > 0 AND c.reltuples >= 0 AND pg_stat_get_live_tuples(c.oid) >= 50
          AND pg_stat_get_live_tuples(c.oid) > 10 * c.reltuples / c.relpages
              * (pg_relation_size(c.oid) / current_setting('block_size')::bigint)
        ORDER BY k.table_name);
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY v_tables LOOP
        EXECUTE format('ANALYZE public.%I', v_table);
    END LOOP;
    RETURN cardinality(v_tables);
END $$;

-- grants
REVOKE EXECUTE ON FUNCTION analyse_misjudged() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analyse_misjudged() TO ledger_app;
